package hudson.cli;

/** Stand-in. */
class PlainCLIProtocol {
  /** Reads what a client of the CLI over HTTP sends; here it waits until its command ended. */
  static final class FramedReader extends Thread {
    private final Object side;

    FramedReader(Object side) {
      super("PlainCLIProtocol");
      this.side = side;
      setDaemon(true);
    }

    @Override
    public void run() {
      if (side instanceof CLIAction.ServerSideImpl) ((CLIAction.ServerSideImpl) side).run();
      else pause();
    }
  }

  static void pause() {
    try {
      Thread.sleep(60_000);
    } catch (InterruptedException ended) {
    }
  }
}
