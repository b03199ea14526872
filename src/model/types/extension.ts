// Made of the table ../attributes/extension.ts by `npm run build`: change that.
import type { Duration, Extensions } from '../values.ts'

/** Whose files binds have: those of who runs the command, or of the ids that the container has. */
export type BindOwnerChoice = 'caller' | 'container'

/** `services.*.x-tscompose.probe`: a health check by the engine, as written; `readProbe` says what it means. */
export interface ProbeRequest extends Extensions {
  /** Port that takes connections, or address:port. */
  readonly tcp?: string
  /** Address that answers GET with a status from 200 to 399: port, port/path or http://host:port/path. */
  readonly http?: string
  /** Socket that takes connections: its path in the container, or @name of an abstract one. */
  readonly unix?: string
  /** Text that a line of the container's output has, since its start. */
  readonly log?: string
  /** Time between two checks, 30s by default. */
  readonly interval?: Duration
  /** Time after which a check has failed, 30s by default. */
  readonly timeout?: Duration
  /** Failures in a row that make the container unhealthy, 3 by default. */
  readonly retries?: number
  /** Time at the start in which failures do not count. */
  readonly start_period?: Duration
  /** Time between two checks during the start period. */
  readonly start_interval?: Duration
}

/**
 * Who reaches published ports: whoever reaches the machine, past its INPUT rules; those whom these let through; or the
 * machine alone.
 */
export type PublishChoice = 'all' | 'proxy' | 'loopback'

/** `services.*.x-tscompose.sleep`: when a service to which nobody comes sleeps; `10m` is that for both. */
export interface SleepRequest extends Extensions {
  /** Time without connections after which its processes stand still, until somebody comes. */
  readonly freeze: Duration
  /** Time of standing still after which they end, and are begun again when somebody comes; absent: never. */
  readonly stop?: Duration
}

/** `services.*.x-tscompose`: what this engine does for a service beyond Compose. */
export interface ServiceExtension extends Extensions {
  /** Whose files in binds are: caller, who runs the command, or container, the same ids inside and outside. */
  readonly bind_owner?: BindOwnerChoice
  /**
   * All that it may go to outside of its networks: names, *.names, addresses, subnets, with :port, :first-last and
   * /udp.
   */
  readonly egress?: readonly string[]
  /**
   * SIGHUP or the like: new content of configs and secrets comes to the container that runs, which is sent that; none:
   * nothing is sent.
   */
  readonly on_change?: string
  /**
   * true: what the host listens on is reached from internal networks, too, by their gateway or host.docker.internal.
   */
  readonly host_access?: boolean
  /** How the engine finds out from outside whether the container works; takes the place of healthcheck.test. */
  readonly probe?: ProbeRequest
  /** Who reaches published ports: all; proxy, whom INPUT rules let through; or loopback, the machine alone. */
  readonly publish?: PublishChoice
  /** true: the container is restarted when it has become unhealthy. */
  readonly restart_unhealthy?: boolean
  /** true: once it has ended well, up leaves it alone until something about it changes. */
  readonly run_once?: boolean
  /** Time without connections after which it stands still, and after as long again ends, until somebody comes. */
  readonly sleep?: SleepRequest
}
