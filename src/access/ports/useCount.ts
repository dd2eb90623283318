/**
 * Counts the requests that go to one controller as the service's account, so that they can be compared with what the controller counts:
 * at any time at least as many as were counted as ended have gone, and at most as many as were begun.
 */
export interface UseCount {
  /** Before a request goes. @throws ScimError STORE_* where it cannot be counted: it must not go then */
  begin(): Promise<void>;
  /** After it; `used`: whether the controller may have counted a use of the token. */
  end(used: boolean): void;
}
