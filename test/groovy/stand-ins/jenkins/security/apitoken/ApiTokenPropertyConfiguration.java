package jenkins.security.apitoken;

/** Stand-in. */
public class ApiTokenPropertyConfiguration {
  private static final ApiTokenPropertyConfiguration INSTANCE = new ApiTokenPropertyConfiguration();
  public boolean tokenGenerationOnCreationEnabled;
  public boolean creationOfLegacyTokenEnabled;
  public boolean usageStatisticsEnabled = true;

  public static ApiTokenPropertyConfiguration get() {
    return INSTANCE;
  }
}
