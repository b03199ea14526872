import { readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Diagnostic, failure } from '../../diagnostics/index.ts'
import { removeUnfinished } from '../../linux/atomic-file.ts'
import { driverNamed } from '../../network/index.ts'
import type { NetworkRecord } from './network-record.ts'
import type { EnginePaths } from './paths.ts'
import { brokenRecordWarning, readRecord, writeRecord } from './record-files.ts'

/** All networks that are made by id and name, and their records on disk. */
export class NetworkTable {
  /** Firewall runs of networks that were made just now, by network id; false: it failed. See networks/opening.ts. */
  readonly openings: Map<string, Promise<boolean>> = new Map()
  readonly #folder: string
  readonly #byId = new Map<string, NetworkRecord>()
  readonly #leaving = new Set<string>()
  readonly #guests = new Map<string, Set<string>>()
  readonly #planFile: string
  #planned: NetworkRecord | undefined

  constructor(paths: EnginePaths) {
    this.#folder = join(paths.root, 'networks')
    this.#planFile = join(paths.root, 'default-bridge.json')
  }

  /** Reads all records; returns a warning for each that had to be set aside. */
  load(): Diagnostic[] {
    const warnings: Diagnostic[] = []
    for (const folder of [this.#folder, dirname(this.#planFile)]) removeUnfinished(folder)
    for (const file of readdirSync(this.#folder)) {
      if (!file.endsWith('.json')) continue
      const read = readRecord<NetworkRecord>(join(this.#folder, file), 1, isNetworkRecord)
      if (read === undefined) continue
      if ('broken' in read) warnings.push(brokenRecordWarning('network', read.broken))
      else this.#byId.set(read.record.id, read.record)
    }
    const plan = readRecord<NetworkRecord>(this.#planFile, 1, isNetworkRecord)
    if (plan !== undefined && 'broken' in plan) warnings.push(brokenRecordWarning('network', plan.broken))
    else this.#planned = plan?.record
    return warnings
  }

  /** The default bridge as it will be when somebody uses it: not in the table, and nothing of it in the kernel. */
  get planned(): NetworkRecord | undefined {
    return this.#planned
  }

  /** Keeps the plan of the default bridge, beyond its making and its removal too; when it cannot be written, for this engine. */
  plan(record: NetworkRecord): void {
    this.#planned = record
    writeRecord(this.#planFile, record)
  }

  values(): NetworkRecord[] {
    return [...this.#byId.values()]
  }

  find(id: string): NetworkRecord | undefined {
    return this.#byId.get(id)
  }

  findByName(name: string): NetworkRecord | undefined {
    return this.values().find(network => network.name === name)
  }

  /** By id, name or unambiguous prefix of an id, one that is only planned too; NETWORK_NOT_FOUND, NETWORK_AMBIGUOUS. */
  resolve(reference: string): NetworkRecord {
    const exact = this.#byId.get(reference) ?? this.findByName(reference)
    if (exact !== undefined) return exact
    const matches = this.#all().filter(
      ({ id, name }) => name === reference || (/^[0-9a-f]+$/.test(reference) && id.startsWith(reference)),
    )
    const [only] = matches
    if (only !== undefined && matches.length === 1) return only
    throw matches.length > 1
      ? failure({
          code: 'NETWORK_AMBIGUOUS',
          kind: 'invalidArgument',
          summary: `network id prefix "${reference}" fits ${matches.length} networks`,
        })
      : failure({ code: 'NETWORK_NOT_FOUND', kind: 'notFound', summary: `network ${reference} not found` })
  }

  #all(): NetworkRecord[] {
    const planned = this.#planned
    return planned === undefined || this.#byId.has(planned.id) ? this.values() : [...this.values(), planned]
  }

  /** Those that the firewall knows: all but the ones that are being removed. */
  standing(): NetworkRecord[] {
    return this.values().filter(network => !this.#leaving.has(network.id))
  }

  /** The network is being removed, or stays after all. */
  markLeaving(id: string, leaving: boolean): void {
    if (leaving) this.#leaving.add(id)
    else this.#leaving.delete(id)
  }

  /** Addresses of a network that builds use now; they have no container record. */
  guestsOf(id: string): Set<string> {
    const guests = this.#guests.get(id) ?? new Set<string>()
    this.#guests.set(id, guests)
    return guests
  }

  save(record: NetworkRecord): void {
    writeRecord(join(this.#folder, `${record.id}.json`), record)
    this.#byId.set(record.id, record)
  }

  delete(id: string): void {
    rmSync(join(this.#folder, `${id}.json`), { force: true })
    this.#byId.delete(id)
    this.#guests.delete(id)
    this.#leaving.delete(id)
  }
}

function isNetworkRecord(value: object): boolean {
  const { id, name, driver, subnets, options, created } = value as Partial<NetworkRecord>
  return (
    typeof id === 'string' &&
    /^[0-9a-f]{64}$/.test(id) &&
    typeof name === 'string' &&
    typeof driver === 'string' &&
    driverNamed(driver) !== undefined &&
    typeof created === 'string' &&
    Array.isArray(subnets) &&
    typeof options === 'object' &&
    options !== null
  )
}
