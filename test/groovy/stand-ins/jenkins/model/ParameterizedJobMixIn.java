package jenkins.model;

import hudson.model.BuildAuthorizationToken;

/** Stand-in. */
public class ParameterizedJobMixIn {
  public interface ParameterizedJob {
    String getFullName();

    BuildAuthorizationToken getAuthToken();
  }
}
