package hudson.model;

/** Stand-in. */
public class Cause {
  public static class UserIdCause extends Cause {
    private final String userId;

    public UserIdCause(String userId) {
      this.userId = userId;
    }

    public String getUserId() {
      return userId;
    }
  }
}
