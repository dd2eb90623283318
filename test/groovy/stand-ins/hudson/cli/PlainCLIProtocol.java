package hudson.cli;

/** Stand-in. */
class PlainCLIProtocol {
  /** Reads what a client of the CLI over HTTP sends; here it waits until its command ended. */
  static final class FramedReader extends Thread {
    private final Object side;

    FramedReader(CLIAction.ServerSideImpl side) {
      super("PlainCLIProtocol");
      this.side = side;
      setDaemon(true);
    }

    @Override
    public void run() {
      ((CLIAction.ServerSideImpl) side).run();
    }
  }
}
