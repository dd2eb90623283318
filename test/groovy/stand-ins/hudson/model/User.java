package hudson.model;

import hudson.BulkChange;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jenkins.model.Jenkins;

/** Stand-in: records in memory and what was saved of them. `restart` forgets what was not saved. */
public class User {
  private static final Map<String, User> MEMORY = new TreeMap<>();
  private static final Map<String, User> DISK = new TreeMap<>();
  public static boolean diskFull;

  private final String id;
  private volatile List<UserProperty> properties = new ArrayList<>();
  public int saves;

  private User(String id) {
    this.id = id;
  }

  private static String key(String id) {
    return Jenkins.get().getSecurityRealm().getUserIdStrategy().keyFor(id);
  }

  public static User getById(String id, boolean create) {
    User user = MEMORY.get(key(id));
    if (user == null && create) {
      user = new User(id);
      MEMORY.put(key(id), user);
    }
    return user;
  }

  public static User get(String idOrFullName) {
    throw new IllegalStateException("User.get falls back to full names: " + idOrFullName);
  }

  public static Collection<User> getAll() {
    return new ArrayList<>(MEMORY.values());
  }

  public static void forgetAll() {
    MEMORY.clear();
    DISK.clear();
    diskFull = false;
  }

  public static void restart() {
    MEMORY.clear();
    for (Map.Entry<String, User> saved : DISK.entrySet()) {
      User user = saved.getValue().copy();
      MEMORY.put(saved.getKey(), user);
      for (UserProperty property : user.properties) property.loaded();
    }
  }

  private User copy() {
    User copy = new User(id);
    for (UserProperty property : properties) {
      UserProperty kept = property.copy();
      kept.setUser(copy);
      copy.properties.add(kept);
    }
    return copy;
  }

  public String getId() {
    return id;
  }

  public File getUserFolder() {
    return DISK.containsKey(key(id)) ? new File("users/" + key(id)) : null;
  }

  public Map<Object, UserProperty> getProperties() {
    Map<Object, UserProperty> all = new LinkedHashMap<>();
    for (UserProperty property : properties) all.put(property.getClass().getName() + "/descriptor", property);
    return all;
  }

  public <T extends UserProperty> T getProperty(Class<T> kind) {
    for (UserProperty property : properties) if (kind.isInstance(property)) return kind.cast(property);
    return null;
  }

  public void addProperty(UserProperty property) throws IOException {
    List<UserProperty> next = new ArrayList<>(properties);
    next.removeIf(other -> other.getClass() == property.getClass());
    next.add(property);
    property.setUser(this);
    properties = next;
    save();
  }

  public void save() throws IOException {
    if (BulkChange.contains(this)) return;
    if (diskFull) throw new IOException("no space left on device");
    DISK.put(key(id), copy());
    saves++;
  }

  public void delete() {
    MEMORY.remove(key(id));
    DISK.remove(key(id));
  }
}
