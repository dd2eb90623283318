package io.jenkins.plugins.casc;

import java.util.ArrayList;
import java.util.List;

/** Stand-in. */
public class ConfigurationAsCode {
  private static final ConfigurationAsCode INSTANCE = new ConfigurationAsCode();
  public final List<String> sources = new ArrayList<>();

  public static ConfigurationAsCode get() {
    return INSTANCE;
  }
}
