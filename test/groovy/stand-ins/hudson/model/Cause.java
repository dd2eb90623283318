package hudson.model;

import java.util.List;

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

  public static class UpstreamCause extends Cause {
    private final List<Cause> upstreamCauses;

    public UpstreamCause(Run up) {
      this.upstreamCauses = up.getCauses();
    }

    public List<Cause> getUpstreamCauses() {
      return upstreamCauses;
    }
  }
}
