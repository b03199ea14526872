import { failure } from '../diagnostics/index.ts'
import type { Protocol, PublishedPort, PublishedTarget } from './types.ts'

/** A parsed port binding, before a host port is decided. */
export interface PortRequest {
  readonly protocol: Protocol
  readonly containerPort: number
  /** One address, or both `0.0.0.0` and `::` when none was given. */
  readonly hostIps: readonly string[]
  /** First and last port to try; undefined = any free port of the kernel's ephemeral range. */
  readonly range?: { readonly from: number; readonly to: number }
}

/** A host port that another container of this engine has. */
export interface HeldPort extends PublishedPort {
  /** The container's name, for the message. */
  readonly holder: string
}

/**
 * `HostConfig.PortBindings` (and with `publishAll` all of `exposed`, `80/tcp` …) → requests, in a stable order.
 * Failure PORT_INVALID.
 */
export function parsePortBindings(
  bindings: Readonly<Record<string, readonly { HostIp?: string; HostPort?: string }[] | null>>,
  options?: { readonly publishAll?: boolean; readonly exposed?: readonly string[] },
): PortRequest[] {
  throw failure({ code: 'NOT_YET', summary: String(options?.publishAll) + Object.keys(bindings).join() })
}

/**
 * Decides the host ports: fixed ones as asked, of a range the first free one, random ones from the kernel. `probe`
 * tells whether a port can be bound now. Failure PORT_IN_USE, naming who holds it.
 */
export async function assignPorts(
  requests: readonly PortRequest[],
  held: readonly HeldPort[],
  probe: typeof probePort = probePort,
): Promise<PublishedPort[]> {
  throw failure({ code: 'NOT_YET', summary: String(requests.length + held.length) + probe.name })
}

/** Binds the port (0: any) for a moment: the port that was bound, or undefined when it is taken or not ours to take. */
export async function probePort(
  protocol: Protocol,
  hostIp: string,
  port: number,
): Promise<number | undefined> {
  throw failure({ code: 'NOT_YET', summary: protocol + hostIp + String(port) })
}

/** Who listens on a port, `nginx (pid 812)`, as well as /proc tells; undefined when it doesn't. */
export async function findPortHolder(protocol: Protocol, port: number): Promise<string | undefined> {
  throw failure({ code: 'NOT_YET', summary: protocol + String(port) })
}

/** The ports with the container's addresses (network id → addresses without prefix) that they lead to. */
export function targetsOf(
  ports: readonly PublishedPort[],
  addresses: readonly { readonly networkId: string; readonly addresses: readonly string[] }[],
): PublishedTarget[] {
  throw failure({ code: 'NOT_YET', summary: String(ports.length + addresses.length) })
}
