// A Virtual Object a conversation: Restate itself keeps one exclusive handler per key, journals every step and knows
// duplicates by their idempotency key. There is nothing to add.
import * as restate from "@restatedev/restate-sdk";

// The SDK wants Node 22; this is all that Node 20 lacks for it.
Promise.withResolvers ??= function () {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};

const stageMs = Number(process.env.STAGE_MS ?? 0);
const stages = ["read", "extract", "analyse", "answer"];
const rest = (ms) => (ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve());

const conversation = restate.object({
  name: "conversation",
  handlers: {
    process: async (context, message) => {
      for (const stage of stages) await context.run(stage, () => rest(stageMs));
      const count = ((await context.get("count")) ?? 0) + 1;
      context.set("count", count);
      return {
        count,
        headline: `An answer to ${message.body.length} characters`,
        metrics: Array(8).fill({ id: "m", value: 1.5, unit: "USD" }),
      };
    },
  },
});

restate.serve({ services: [conversation], port: Number(process.env.SERVICE_PORT ?? 9080) });
