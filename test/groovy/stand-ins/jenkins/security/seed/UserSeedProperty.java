package jenkins.security.seed;

import hudson.model.UserProperty;
import java.util.UUID;

/** Stand-in. */
public class UserSeedProperty extends UserProperty {
  public static boolean DISABLE_USER_SEED;
  private String seed = UUID.randomUUID().toString();

  public String getSeed() {
    return seed;
  }

  public void renewSeed() {
    seed = UUID.randomUUID().toString();
  }
}
