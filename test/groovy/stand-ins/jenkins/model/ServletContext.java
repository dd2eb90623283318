package jenkins.model;

import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.Map;

/** Stand-in: attributes that live until the process ends. */
public class ServletContext {
  private final Map<String, Object> attributes = new HashMap<>();

  public Object getAttribute(String name) {
    return attributes.get(name);
  }

  public void setAttribute(String name, Object value) {
    attributes.put(name, value);
  }

  public Enumeration<String> getAttributeNames() {
    return Collections.enumeration(attributes.keySet());
  }

  public void removeAttribute(String name) {
    attributes.remove(name);
  }
}
