/** What hw.js offers to the scripts of single pages. */
interface Window {
  hw: {
    toast(text: string): void;
    ask(text: string, label: string, danger?: boolean): Promise<boolean>;
    again: boolean;
  };
}
