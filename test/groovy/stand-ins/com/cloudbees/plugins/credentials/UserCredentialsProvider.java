package com.cloudbees.plugins.credentials;

import hudson.model.UserProperty;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stand-in: shows its credentials to the owner only. */
public class UserCredentialsProvider {
  public static class UserCredentialsProperty extends UserProperty {
    private Map<String, List<String>> domainCredentialsMap = new HashMap<>();

    public UserCredentialsProperty put(String domain, List<String> credentials) {
      domainCredentialsMap.put(domain, credentials);
      return this;
    }

    public Map<String, List<String>> getDomainCredentialsMap() {
      return new HashMap<>();
    }
  }
}
