package jenkins.model;

import hudson.PluginManager;
import hudson.model.Computer;
import hudson.model.Queue;
import hudson.security.AuthorizationStrategy;
import hudson.security.Permission;
import hudson.security.PermissionGroup;
import hudson.security.SecurityRealm;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;

/** Stand-in: one controller that tests put together with a few lines of Groovy. */
public class Jenkins {
  public static final String VERSION = "2.568.2";
  public static String SESSION_HASH = "5e551011";
  private static final PermissionGroup OVERALL = new PermissionGroup("Overall");
  private static final PermissionGroup JOB = new PermissionGroup("Job");
  public static final Permission ADMINISTER = new Permission("hudson.model.Hudson", OVERALL, "Administer", null, true);
  public static final Permission READ = new Permission("hudson.model.Hudson", OVERALL, "Read", ADMINISTER, true);
  public static final Permission ITEM_READ = new Permission("hudson.model.Item", JOB, "Read", ADMINISTER, true);
  public static final Permission ITEM_BUILD = new Permission("hudson.model.Item", JOB, "Build", ADMINISTER, true);
  public static final Permission ITEM_WIPEOUT = new Permission("hudson.model.Item", JOB, "WipeOut", ADMINISTER, false);
  private static Jenkins instance = new Jenkins();

  public final ServletContext servletContext = new ServletContext();
  public final PluginManager pluginManager = new PluginManager();
  public final List<Computer> computers = new ArrayList<>();
  public final Queue queue = new Queue();
  public final List<Object> items = new ArrayList<>();
  public SecurityRealm securityRealm = new SecurityRealm();
  public AuthorizationStrategy authorizationStrategy = new AuthorizationStrategy();
  public int numExecutors = 2;
  public int saves;
  public boolean diskFull;
  /** Runs inside save(), before it is counted: what somebody else does at that moment. */
  public Runnable whileSaving;

  public static Jenkins get() {
    return instance;
  }

  public static Jenkins getInstance() {
    return instance;
  }

  public static Jenkins fresh() {
    instance = new Jenkins();
    return instance;
  }

  public static UsernamePasswordAuthenticationToken getAuthentication2() {
    return new UsernamePasswordAuthenticationToken("jenkins-scim", "", new ArrayList<>());
  }

  public <T> Iterable<T> allItems(Class<T> type) {
    return items.stream().filter(type::isInstance).map(type::cast).toList();
  }

  public SecurityRealm getSecurityRealm() {
    return securityRealm;
  }

  public AuthorizationStrategy getAuthorizationStrategy() {
    return authorizationStrategy;
  }

  public void setAuthorizationStrategy(AuthorizationStrategy strategy) {
    this.authorizationStrategy = strategy;
  }

  public void save() throws IOException {
    if (whileSaving != null) whileSaving.run();
    if (diskFull) throw new IOException("no space left on device");
    saves++;
  }
}
