import type { ContainerInspect } from '../../../src/api/types/index.ts'
import type { Docker } from '../../../src/client/index.ts'
import type { Sandbox } from '../harness/sandbox.ts'

/** Attributes of a service as a Compose file has them. */
export type Attributes = Readonly<Record<string, unknown>>

/** What a check of the host's side may look at. */
export interface Seen {
  readonly sandbox: Sandbox
  readonly docker: Docker
  readonly inspect: ContainerInspect
  /** Runs a shell line in a service's container; its output and errors together. */
  readonly inside: (service: string, line: string) => Promise<string>
  /** What `up` said on stderr. */
  readonly said: string
}

/** One service of the stack, what it is there to show, and how that is seen. */
export interface AttributeCase {
  /** Name of the service. */
  readonly service: string
  /** Paths below a service in the schema, `healthcheck.test`; a name that the user chooses is `*`. */
  readonly shows: readonly string[]
  /** Without `image`, `command` and networks it is busybox that sleeps, alone. */
  readonly attributes: Attributes
  /** Services that it needs, by name. */
  readonly beside?: Readonly<Record<string, Attributes>>
  /** What it needs at the top of the file: `{ volumes: { data: {} } }`. */
  readonly top?: Readonly<Record<string, Attributes>>
  /** Files of the project folder. */
  readonly files?: Readonly<Record<string, string>>
  /** Shell line in the container → what it prints. */
  readonly inside?: Readonly<Record<string, string | RegExp>>
  /** What the container itself prints. */
  readonly log?: string | RegExp
  /** Codes and paths that `up` warns of: `ATTRIBUTE_NOT_APPLIED .*services.x.models`. */
  readonly warns?: readonly string[]
  /** Anything else; throws. */
  readonly host?: (seen: Seen) => void | Promise<void>
}

/** A service that `up` refuses, in a project of its own. */
export interface RefusedCase {
  readonly shows: readonly string[]
  readonly attributes: Attributes
  readonly top?: Readonly<Record<string, Attributes>>
  readonly code: string
}
