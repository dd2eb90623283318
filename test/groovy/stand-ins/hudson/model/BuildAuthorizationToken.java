package hudson.model;

/** Stand-in. */
public class BuildAuthorizationToken {
  private final String token;

  public BuildAuthorizationToken(String token) {
    this.token = token;
  }

  public String getToken() {
    return token;
  }
}
