import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads lists, filtered lists and details of the API and the portal with very many jobs stored. */
public final class PagesBench {

    private static final int ROUNDS = 200;

    private final Client client;
    private final HttpClient browser =
            HttpClient.newBuilder().cookieHandler(new CookieManager()).followRedirects(HttpClient.Redirect.NORMAL).build();
    private final HttpClient program =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private double largestKb;

    private PagesBench(Client client) {
        this.client = client;
    }

    public static void main(String[] arguments) throws Exception {
        var client = new Client(arguments);
        var bench = new PagesBench(client);
        var jobs = Integer.parseInt(client.option("jobs"));
        bench.fill(jobs);
        bench.logIn();
        var middle = bench.middle();
        var id = bench.first(client.get("/api/v1/jobs?limit=1"), "\"id\":\"([^\"]+)\"");
        System.out.printf("%-44s %10s %10s %10s%n", jobs + " jobs stored", "p50 ms", "p99 ms", "KB");
        var api = 0.0;
        for (var path : List.of(
                "/api/v1/jobs",
                "/api/v1/jobs?before=" + middle,
                "/api/v1/jobs?state=failed",
                "/api/v1/jobs?state=active",
                "/api/v1/jobs?owner=user7&kind=inference",
                "/api/v1/jobs?queue=team3&state=succeeded",
                "/api/v1/jobs?text=resnet",
                "/api/v1/jobs?text=needle",
                "/api/v1/jobs?text=train&owner=user3&state=failed",
                "/api/v1/jobs/" + id)) {
            api = Math.max(api, bench.measure(path, false));
        }
        var portal = 0.0;
        for (var path : List.of("/jobs", "/jobs?state=failed", "/jobs?text=resnet", "/jobs?owner=user7", "/jobs/" + id)) {
            portal = Math.max(portal, bench.measure(path, true));
        }
        System.out.printf(
                "{\"bench\":\"pages\",\"jobs\":%d,\"api_list_p99_ms\":%s,\"portal_list_p99_ms\":%s,\"page_kb\":%s}%n",
                jobs, api, portal, Math.round(bench.largestKb * 10) / 10.0);
    }

    private double measure(String path, boolean inBrowser) throws IOException, InterruptedException {
        var times = new ArrayList<Long>();
        var kb = 0.0;
        for (var i = -20; i < ROUNDS; i++) {
            var begin = System.nanoTime();
            var request = HttpRequest.newBuilder(URI.create(client.option("url") + path));
            if (inBrowser) {
                request.header("Accept", "text/html");
            } else {
                request.header("Authorization", "Bearer " + System.getenv("SHUSUAN_TOKEN"));
            }
            var answer = (inBrowser ? browser : program)
                    .send(request.header("Accept-Encoding", "gzip").build(), BodyHandlers.ofByteArray());
            if (answer.statusCode() != 200 || answer.uri().getPath().equals("/login")) {
                throw new IllegalStateException(path + " answered " + answer.statusCode() + " at " + answer.uri());
            }
            if (i >= 0) {
                times.add(System.nanoTime() - begin);
            }
            kb = answer.body().length / 1024.0;
        }
        largestKb = Math.max(largestKb, kb);
        System.out.printf(
                "%-44s %10.1f %10.1f %10.1f%n",
                (inBrowser ? "portal " : "") + path.replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "…"),
                Client.millis(times, 0.5), Client.millis(times, 0.99), kb);
        return Client.millis(times, 0.99);
    }

    private void logIn() throws IOException, InterruptedException {
        var url = client.option("url");
        var page = browser.send(HttpRequest.newBuilder(URI.create(url + "/login")).build(), BodyHandlers.ofString()).body();
        var form = "username=admin&password=" + encoded(Files.readString(Path.of(client.option("home"), "admin.password")).strip())
                + "&_csrf=" + encoded(first(page, "name=\"_csrf\"[^>]*value=\"([^\"]+)\""));
        browser.send(
                HttpRequest.newBuilder(URI.create(url + "/login"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString(form))
                        .build(),
                BodyHandlers.ofString());
    }

    /** Jobs of years: most have ended, few wait; ids are of version 7 and rise with the time of submission. */
    private void fill(int jobs) throws IOException, SQLException {
        var password = Files.readString(Path.of(client.option("home"), "postgres", "password")).strip();
        var begin = System.nanoTime();
        try (var database = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + client.option("postgres-port") + "/shusuan", "shusuan", password);
                var statement = database.createStatement()) {
            statement.execute("insert into queues (name) select 'team' || i from generate_series(0, 9) i on conflict do nothing");
            statement.execute("update queues set state = 'HELD'");
            statement.execute("""
                    insert into jobs (id, name, owner, queue, kind, state, priority, description, spec, spec_media_type, artifact_sources,
                                      milli_cpus, memory_mib, gpus, reason, message, created_at, version)
                    select uuidv7(make_interval(secs => i - %1$d)),
                           (array['resnet','bert','llama','yolo','gpt'])[1 + i %% 5] || '-' || i,
                           'user' || i %% 40, 'team' || i %% 10,
                           case when i %% 3 = 0 then 'INFERENCE' else 'TRAINING' end,
                           case when i > %1$d - 2000 then 'QUEUED' when i %% 9 = 0 then 'FAILED' when i %% 11 = 0 then 'STOPPED' else 'SUCCEEDED' end,
                           0, case when i %% 250000 = 7 then 'a needle in the stack' else 'nightly train run' end,
                           convert_to('jobName: j' || i, 'UTF8'), 'application/yaml', '{}', 4000, 8192, 1, 'Completed', 'all tasks succeeded',
                           now() - make_interval(secs => %1$d - i), 0
                      from generate_series(1, %1$d) i""".formatted(jobs));
            statement.execute("""
                    insert into task_roles (job_id, ordinal, name, task_number, milli_cpus, memory_mib, gpus)
                    select id, 0, 'worker', 1, 4000, 8192, 1 from jobs""");
            statement.execute("vacuum analyze");
        }
        System.err.printf("%d jobs stored in %d s%n", jobs, (System.nanoTime() - begin) / 1_000_000_000L);
    }

    /** A cursor half way down. */
    private String middle() throws IOException, SQLException {
        var password = Files.readString(Path.of(client.option("home"), "postgres", "password")).strip();
        try (var database = DriverManager.getConnection(
                        "jdbc:postgresql://127.0.0.1:" + client.option("postgres-port") + "/shusuan", "shusuan", password);
                var rows = database.createStatement()
                        .executeQuery("select id from jobs order by id limit 1 offset (select count(*) / 2 from jobs)")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private String first(String text, String pattern) {
        var match = Pattern.compile(pattern).matcher(text);
        if (!match.find()) {
            throw new IllegalStateException("no " + pattern + " in " + text.substring(0, Math.min(300, text.length())));
        }
        return match.group(1);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
