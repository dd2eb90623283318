package hudson;

import hudson.model.User;

/** Stand-in: while one is open, save() of its record does nothing. */
public class BulkChange {
  private static final ThreadLocal<BulkChange> OPEN = new ThreadLocal<>();
  private final User user;
  private final BulkChange parent;
  private boolean ended;

  public BulkChange(User user) {
    this.user = user;
    this.parent = OPEN.get();
    OPEN.set(this);
  }

  public void commit() throws java.io.IOException {
    if (ended) return;
    end();
    user.save();
  }

  public void abort() {
    if (!ended) end();
  }

  private void end() {
    ended = true;
    OPEN.set(parent);
  }

  public static boolean contains(User user) {
    for (BulkChange change = OPEN.get(); change != null; change = change.parent) if (change.user == user) return true;
    return false;
  }
}
