/** A person of the demo contact centre `t100`. */
export interface Agent {
  /** Login name and employee id; `tenant\name` signs in as well. */
  readonly name: string;
  readonly password: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly dbid: number;
  /** Extension and agent login. */
  readonly dn: string;
  readonly isAdmin: boolean;
}

export const TENANT = 't100';
export const CONTACT_CENTER_ID = '5a1c9f30-0f3e-4a1f-a1c2-7e0b4e5d1a77';
export const ENVIRONMENT_ID = '0d3a6d8e-61e2-4b90-8f51-0c2f6c2e9b10';

export const demoAgents: readonly Agent[] = [
  agent('anna', 'Anna', 'Berg', 1, true),
  agent('bela', 'Béla', 'Kovács', 2, true),
  agent('chloe', 'Chloé', 'Martin', 3, true),
  agent('david', 'David', 'Okafor', 4, true),
  agent('emma', 'Emma', 'Lindqvist', 5, false),
];

function agent(name: string, firstName: string, lastName: string, n: number, isAdmin: boolean): Agent {
  return { name, password: 'demo', firstName, lastName, dbid: 1040 + n, dn: `500${n}`, isAdmin };
}

export const emailOf = (agent: Agent): string => `${agent.name}@example.com`;
export const placeOf = (agent: Agent): string => `Place_${agent.name}`;

export class UnknownAgentError extends Error {
  override readonly name = 'UnknownAgentError';

  constructor(name: string) {
    super(`There is no agent ${name}`);
  }
}

/** Who works here: the demo agents, and as many nameless ones (`user1`, `user2` …) as a load test wants. */
export class Directory {
  readonly all: readonly Agent[];
  readonly #byName: ReadonlyMap<string, Agent>;
  readonly #byDn: ReadonlyMap<string, Agent>;

  constructor(extraAgents = 0) {
    this.all = [...demoAgents, ...Array.from({ length: extraAgents }, (_, i) => extraAgent(i + 1))];
    this.#byName = new Map(this.all.map((agent) => [agent.name, agent]));
    this.#byDn = new Map(this.all.map((agent) => [agent.dn, agent]));
  }

  /** @throws {UnknownAgentError} */
  require(name: string): Agent {
    const found = this.#byName.get(name);
    if (!found) throw new UnknownAgentError(name);
    return found;
  }

  atDn(dn: string): Agent | undefined {
    return this.#byDn.get(dn);
  }

  /** Accepts `anna`, `t100\\anna` and `anna@example.com`. */
  named(login: string): Agent | undefined {
    const plain = login
      .trim()
      .toLowerCase()
      .replace(/^t100\\/, '')
      .replace(/@example\.com$/, '');
    return this.#byName.get(plain);
  }

  withCredentials(login: string, password: string): Agent | undefined {
    const found = this.named(login);
    return found?.password === password ? found : undefined;
  }
}

function extraAgent(n: number): Agent {
  return {
    name: `user${n}`,
    password: 'demo',
    firstName: 'User',
    lastName: String(n),
    dbid: 100_000 + n,
    dn: String(600_000 + n),
    isAdmin: true,
  };
}
