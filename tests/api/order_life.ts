// An order's whole life, by types that openapi-typescript makes of the document. Run by test_generated_clients.py.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

declare const process: { env: Record<string, string | undefined> };

type Order = components["schemas"]["Order"];
interface Site {
	address: string;
	platform: string;
	super: string;
	dect_base: string;
	dect_handset: string;
	identifiers: string[];
}

const site: Site = JSON.parse(process.env.SITE ?? "");

function client(token: string) {
	return createClient<paths, "application/json" | "application/problem+json">({
		baseUrl: `${site.address}/api/v1`,
		headers: { Authorization: `Bearer ${token}` },
	});
}

function must<T>(answer: { data?: T; error?: unknown }): T {
	if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
	return answer.data;
}

const piet = client(site.platform);
const ada = client(site.super);

const account = must(
	await piet.POST("/accounts", {
		body: { name: "Riverside", employees: [{ name: "Dana Reed" }] },
	}),
);
const order: Order = must(
	await piet.POST("/orders", {
		body: {
			account_id: account.id,
			lines: [
				{ sku: site.dect_base, quantity: 1 },
				{ sku: site.dect_handset, quantity: 2, intents: [{ employee_id: account.employees[0].id, base: 1 }] },
			],
		},
		params: { header: { "Idempotency-Key": "made by a client" } },
	}),
);
const path = { reference: order.reference };
const refused = await piet.POST("/orders/{reference}/approve", { params: { path } });
if (refused.error?.status !== 403) throw new Error("A platform may not approve.");
must(await ada.POST("/orders/{reference}/approve", { params: { path, header: { "If-Match": '"1"' } } }));
must(
	await ada.POST("/orders/{reference}/mark-ordered", {
		params: { path },
		body: { distributor: "Voxport", distributor_reference: "V-1" },
	}),
);
const units = order.units.map((unit, index) => ({ unit_id: unit.id, identifier: site.identifiers[index] }));
const fulfilled = must(await ada.POST("/orders/{reference}/fulfill", { params: { path }, body: { units } }));
const slots = fulfilled.units.flatMap((unit) => unit.slot ?? []);
const now = must(await piet.GET("/orders/{reference}", { params: { path } }));
const events = must(await piet.GET("/orders/{reference}/events", { params: { path } }));
if (events.items.at(-1)?.kind !== "order.fulfilled") throw new Error("The events do not end with it.");
console.log(`${now.status}, slots ${slots.join(" ")}`);
