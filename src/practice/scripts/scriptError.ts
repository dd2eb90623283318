/** A script threw; `touched`: something was changed and not put back. The message is `Class: message`, as Groovy gives it. */
export class ScriptError extends Error {
  readonly touched: boolean;

  constructor(message: string, touched = false) {
    super(message);
    this.name = 'ScriptError';
    this.touched = touched;
  }
}
