/** A PostgreSQL that machines reach over TCP. Arguments: its directory, the address to listen on. Prints READY and its URL. */
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { silentLog } from "../../../src/base/log.ts";
import { startEmbeddedPostgres } from "../../../src/db/embedded.ts";
import { migrate } from "../../../src/db/migrate.ts";

const [directory = "", address = ""] = process.argv.slice(2);
const postgres = await startEmbeddedPostgres({ directory, log: silentLog });
await migrate(postgres.url, silentLog);
const socketDirectory = decodeURIComponent(/\?host=([^&]+)$/.exec(postgres.url)?.[1] ?? "");
const server = createServer((socket) => {
  const database = connect(join(socketDirectory, ".s.PGSQL.5432"));
  socket.pipe(database).pipe(socket);
  for (const [one, other] of [
    [socket, database],
    [database, socket],
  ] as const) {
    one.on("error", () => undefined);
    one.on("close", () => other.destroy());
  }
});
server.listen(5432, address, () =>
  process.stdout.write(`READY ${postgres.url.replace(/@\//, `@${address}/`).replace(/\?.*$/, "")}\n`),
);
process.once("SIGTERM", () => void postgres[Symbol.asyncDispose]().then(() => process.exit(0)));
