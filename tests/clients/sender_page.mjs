// What every browser client is told, by `tell` on the window; see sender.mjs. A page has no "finish": it sends by itself.
export function obeyOnPage(calls) {
  window.tell = (command) => {
    const [name, count, from] = command.split(" ");
    if (name === "five") {
      calls.identify();
      calls.track("Order Completed");
      calls.page();
      calls.group();
      calls.alias();
    } else {
      for (let number = 0; number < Number(count); number++) calls.track(`Order ${Number(from) + number}`);
    }
  };
}
