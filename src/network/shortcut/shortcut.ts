import { type AttachedNumbers, nativeErrorOf, type RulesConnection } from '../../native/index.ts'
import { type Families, shortcutPrograms } from './programs.ts'

/** What has connections led, and where it is told. */
export interface ShortcutOptions {
  /** The folder of the control group whose processes are clients: of all; undefined where there is none that takes programs. */
  readonly group: string | undefined
  /** Told when there is another map in which listeners are to say where they lead (`MonitorConnection.shortcut`). */
  readonly onMap: () => void
}

const NONE: Families = { ipv4: false, ipv6: false }

/**
 * Whether and how the host's clients of loopback addresses are led to containers without a way through the relay. It is the kernel's as long as the connection on which it was
 * asked for; where the kernel refuses it, and as long as listeners say nothing, the relay has them all.
 */
export class Shortcut {
  readonly #options: ShortcutOptions
  #connection: RulesConnection | undefined
  /** What was asked for on that connection. */
  #wanted: Families = NONE
  #attached: AttachedNumbers | undefined

  constructor(options: ShortcutOptions) {
    this.#options = options
  }

  /** Where listeners say where they lead, and what hides it from clients; undefined: nobody asks them. */
  get attached(): AttachedNumbers | undefined {
    return this.#connection?.isOpen === true ? this.#attached : undefined
  }

  /** Has these families be led, and no others. */
  async lead(connection: RulesConnection, wanted: Families): Promise<void> {
    if (this.#options.group === undefined) return
    if (this.#connection !== connection) {
      this.#connection = connection
      this.#wanted = NONE
      this.#attached = undefined
    }
    if (this.#wanted.ipv4 === wanted.ipv4 && this.#wanted.ipv6 === wanted.ipv6) return
    this.#wanted = wanted
    this.#attached = undefined
    this.#attached = await attach(connection, this.#options.group, wanted)
    if (this.#attached !== undefined) this.#options.onMap()
  }
}

/** Programs of no family take away those that are there. Of a kernel that refuses some, what is next in the row. */
async function attach(
  connection: RulesConnection,
  group: string,
  wanted: Families,
): Promise<AttachedNumbers | undefined> {
  const families = wanted.ipv4 && wanted.ipv6 ? [wanted, { ipv4: true, ipv6: false }] : [wanted]
  for (const each of families)
    for (const sockets of ['plain', 'all'] as const)
      try {
        return await connection.attach(shortcutPrograms(group, each, sockets))
      } catch (error) {
        if (nativeErrorOf(error) === undefined) throw error
      }
  return undefined
}
