package hudson;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Stand-in: its loader hides the classes of plugins that are not there. */
public class PluginManager {
  public final List<PluginWrapper> plugins = new ArrayList<>();
  public final Set<String> absent = new HashSet<>();
  public final ClassLoader uberClassLoader =
      new ClassLoader(PluginManager.class.getClassLoader()) {
        @Override
        public Class<?> loadClass(String name) throws ClassNotFoundException {
          for (String prefix : absent) if (name.startsWith(prefix)) throw new ClassNotFoundException(name);
          return super.loadClass(name);
        }
      };
}
