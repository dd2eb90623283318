package hudson.cli;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.security.Principal;

/** Stand-in. */
public class CLIAction {
  /** A shell: it survives an interruption and ends with its input. */
  static class ServerSideImpl {
    private volatile Thread runningThread;
    private final PipedInputStream stdin = new PipedInputStream();
    private final PipedOutputStream stdinMatch = new PipedOutputStream();
    private final Principal authentication;

    ServerSideImpl(String user) throws IOException {
      stdinMatch.connect(stdin);
      authentication = () -> user;
    }

    void run() {
      runningThread = Thread.currentThread();
      for (boolean ended = false; !ended; ) {
        try {
          ended = stdin.read() < 0;
        } catch (IOException interrupted) {
        }
      }
      runningThread = null;
    }
  }

  static class Session {
    ServerSideImpl connection;
  }

  private static Session session(String user) throws IOException {
    Session session = new Session();
    session.connection = new ServerSideImpl(user);
    return session;
  }

  public static Thread overHttp(String user) throws IOException {
    Thread reader = new PlainCLIProtocol.FramedReader(session(user).connection);
    reader.start();
    return reader;
  }

  public static Thread overWebSocket(String user) throws IOException {
    Session session = session(user);
    Thread handler = new Thread(() -> session.connection.run(), "CLI handler for " + user);
    handler.setDaemon(true);
    handler.start();
    return handler;
  }

  /** Of a Jenkins that calls what it has otherwise: a command that ends when it is interrupted. */
  public static Thread overWebSocketOfAnotherJenkins(String user) {
    Thread handler = new Thread(PlainCLIProtocol::pause, "CLI handler for " + user);
    handler.setDaemon(true);
    handler.start();
    return handler;
  }

  public static Thread overHttpOfAnotherJenkins(String user) {
    Thread reader = new PlainCLIProtocol.FramedReader(user);
    reader.start();
    return reader;
  }
}
