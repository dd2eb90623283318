package hudson;

/** Stand-in. */
public class PluginWrapper {
  public final String shortName;
  public final String version;
  public final boolean active;

  public PluginWrapper(String shortName, String version, boolean active) {
    this.shortName = shortName;
    this.version = version;
    this.active = active;
  }
}
