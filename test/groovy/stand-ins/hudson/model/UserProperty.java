package hudson.model;

/** Stand-in. */
public abstract class UserProperty implements Cloneable {
  protected transient User user;

  protected void setUser(User user) {
    this.user = user;
  }

  /** What the disk keeps of it. */
  protected UserProperty copy() {
    try {
      return (UserProperty) clone();
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** What a start makes of what the disk kept. */
  protected void loaded() {}
}
