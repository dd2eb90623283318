package org.jenkinsci.main.modules.sshd;

import java.util.ArrayList;
import java.util.List;

/** Stand-in. */
public class SSHD {
  private static final SSHD INSTANCE = new SSHD();

  public static class Session {
    private final String username;
    public boolean closed;

    public Session(String username) {
      this.username = username;
    }

    public String getUsername() {
      return username;
    }

    public void close(boolean immediately) {
      closed = true;
    }
  }

  public static class Server {
    public final List<Session> sessions = new ArrayList<>();

    public List<Session> getActiveSessions() {
      List<Session> open = new ArrayList<>();
      for (Session session : sessions) if (!session.closed) open.add(session);
      return open;
    }
  }

  private Server sshd;

  public static SSHD get() {
    return INSTANCE;
  }

  public Server start() {
    sshd = new Server();
    return sshd;
  }

  public void stop() {
    sshd = null;
  }
}
