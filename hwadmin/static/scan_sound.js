// @ts-check
/** What a scan sounds like: high for taken, twice for "look", low for refused. */

/** Frequency in hertz, start and length in seconds. @type {[number, number, number][][]} */
const SOUNDS = [
  [[1046, 0, 0.07]],
  [[784, 0, 0.09], [784, 0.14, 0.09]],
  [[196, 0, 0.35]],
];
const LOUDNESS = 0.15;

/** @type {AudioContext | undefined} */
let voice;

/**
 * Sound once. A browser lets nothing sound before somebody has pressed a key or button.
 *
 * @param {number} tone 0 fine, 1 to be looked at, 2 refused
 */
export function beep(tone) {
  if (!navigator.userActivation?.hasBeenActive) return;
  voice ??= new AudioContext();
  for (const [frequency, start, length] of SOUNDS[tone]) {
    const tune = voice.createOscillator();
    const volume = voice.createGain();
    const from = voice.currentTime + start;
    tune.frequency.value = frequency;
    tune.type = tone === 2 ? "square" : "sine";
    volume.gain.setValueAtTime(LOUDNESS, from);
    volume.gain.exponentialRampToValueAtTime(0.001, from + length);
    tune.connect(volume).connect(voice.destination);
    tune.start(from);
    tune.stop(from + length);
  }
}
