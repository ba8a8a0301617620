/** What hw.js offers to the scripts of single pages. */
interface Window {
  hw: {
    ask(text: string, label: string, danger?: boolean): Promise<boolean>;
  };
}
