// What every client is told, one command a line: `five` calls each kind once, `many N FROM` tracks
// "Order FROM", "Order FROM+1" …, `finish` delivers what is left and ends. Each is answered by a line "ok".
import { createInterface } from "node:readline";

export async function obey(calls) {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, count, from] = line.split(" ");
    if (command === "five") {
      calls.identify();
      calls.track("Order Completed");
      calls.page();
      calls.group();
      calls.alias();
    } else if (command === "many") {
      for (let number = 0; number < Number(count); number++) calls.track(`Order ${Number(from) + number}`);
    } else {
      await calls.finish();
    }
    process.stdout.write("ok\n");
    if (command === "finish") process.exit(0);
  }
}
