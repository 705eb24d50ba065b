/** Whether metrics are served where the settings say: asked as monitoring asks, since another process may be the one that serves them. */

const maxMs = 2000;
/** Addresses to listen on everywhere, and one of them to ask. */
const reachable: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "[::]": "[::1]" };

/** What `doctor` says of metrics at this address, HOST:PORT. */
export async function checkMetrics(listen: string): Promise<{ readonly ok: boolean; readonly detail: string }> {
  const at = listen.lastIndexOf(":");
  const host = listen.slice(0, at);
  try {
    const response = await fetch(`http://${reachable[host] ?? host}${listen.slice(at)}/livez`, {
      signal: AbortSignal.timeout(maxMs),
      redirect: "manual",
    });
    const isOurs = response.ok && response.headers.get("content-length") === "3" && (await response.text()) === "ok\n";
    await response.body?.cancel().catch(() => undefined); // what another program sends is not read
    return { ok: isOurs, detail: isOurs ? `served at ${listen}` : `another program listens at ${listen}` };
  } catch {
    return { ok: false, detail: `not served at ${listen}: the log says why` };
  }
}
