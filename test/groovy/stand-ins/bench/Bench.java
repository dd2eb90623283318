package bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import groovy.lang.Binding;
import groovy.lang.GroovyShell;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.customizers.ImportCustomizer;

/** Serves `/scriptText` and `/whoAmI/api/json` over the stand-ins, as RemotingDiagnostics does; ends with its standard input. */
public final class Bench {
  private static final String WHO =
      "{\"_class\":\"hudson.security.WhoAmI\",\"anonymous\":false,\"authenticated\":true,"
          + "\"authorities\":[\"authenticated\"],\"name\":\"jenkins-scim\"}";

  public static void main(String[] arguments) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(java.util.concurrent.Executors.newFixedThreadPool(4));
    server.createContext("/whoAmI/api/json", exchange -> answer(exchange, "application/json;charset=utf-8", WHO));
    server.createContext(
        "/scriptText", exchange -> answer(exchange, "text/plain;charset=utf-8", run(script(body(exchange)))));
    server.start();
    System.out.println("listening " + server.getAddress().getPort() + " " + groovy.lang.GroovySystem.getVersion());
    while (System.in.read() != -1) {}
    System.exit(0);
  }

  private static String run(String script) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    try {
      CompilerConfiguration configuration = new CompilerConfiguration();
      configuration.addCompilationCustomizers(
          new ImportCustomizer().addStarImports("jenkins", "jenkins.model", "hudson", "hudson.model"));
      Binding binding = new Binding();
      binding.setVariable("out", out);
      Object value = new GroovyShell(Bench.class.getClassLoader(), binding, configuration).evaluate(script);
      if (value != null) out.println("Result: " + value);
    } catch (Throwable failure) {
      failure.printStackTrace(out);
    }
    out.flush();
    return text.toString();
  }

  private static String script(String form) throws IOException {
    for (String pair : form.split("&"))
      if (pair.startsWith("script=")) return URLDecoder.decode(pair.substring(7), "UTF-8");
    return "";
  }

  private static String body(HttpExchange exchange) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    InputStream in = exchange.getRequestBody();
    byte[] buffer = new byte[65536];
    for (int read = in.read(buffer); read != -1; read = in.read(buffer)) bytes.write(buffer, 0, read);
    return new String(bytes.toByteArray(), StandardCharsets.UTF_8);
  }

  private static void answer(HttpExchange exchange, String type, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("X-Jenkins-Session", jenkins.model.Jenkins.SESSION_HASH);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private Bench() {}
}
