import { chmodSync, existsSync, mkdirSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'
import { writeFileAtomicSync } from '../../linux/atomic-file.ts'
import { formatAddress, parseAddress } from '../ip/address.ts'

/** Folder of the names file of a network, or of one container's links; relays hold it open. */
export function namesFolder(run: string, id: string): string {
  return join(run, 'networks', id)
}

/** Where an endpoint's names come from. */
export interface EndpointNames {
  readonly containerName: string
  readonly containerId: string
  readonly networkName: string
  readonly hostname?: string
  /** Aliases on this network; Compose sends the service's name among them. */
  readonly aliases?: readonly string[]
  /** The aliases are also known as `alias.project`, by which other projects tell it from a service of theirs. */
  readonly project?: string
}

/** An endpoint as the names file lists it. */
export interface NamedEndpoint {
  /** As `endpointNames` gives them: the first one is the answer to a reverse lookup. */
  readonly names: readonly string[]
  /** With or without prefix length. */
  readonly addresses: readonly string[]
  /** No answer to reverse lookups: the names are what one container alone calls it. */
  readonly forwardOnly?: boolean
  /** The project whose names they are: for those who ask from there they come before all others. */
  readonly project?: string
}

/** What a names file says of itself. */
export interface NamesFileTraits {
  /** Whoever reads it is of this project. */
  readonly readBy?: string
  /** A name that it knows is not looked for in the files after it: a container's own names for others. */
  readonly hides?: boolean
  /** Whoever reads it is held to its egress: which names it may ask for outside. */
  readonly egress?: readonly NameAllowed[]
}

/** A name that may be asked for outside: one, all below one (`*.example.org`), or all (`*`). */
export interface NameAllowed {
  readonly pattern: string
  /** The set of the kernel's that its addresses are put into, without the family; absent: none. */
  readonly set?: string
}

/** Longest name of the DNS, as text without the dot at the end. */
const NAME_MAX = 253

/**
 * All names of an endpoint, lower case, without duplicates: container name, aliases, 12-digit id, host name, each also
 * with `.network` behind it, aliases with `.project`, too. The first is `container.network`, as Docker answers reverse lookups. A name that no
 * resolver could ask for (a blank in it, a label over 63 bytes) is left out: the rest of the network must not suffer.
 */
export function endpointNames(names: EndpointNames): string[] {
  const short = [
    names.containerName,
    ...(names.aliases ?? []),
    names.containerId.slice(0, 12),
    names.hostname ?? '',
  ].map(name => name.toLowerCase().replace(/\.$/, ''))
  const known = short.filter(isName)
  const ofProject = (names.aliases ?? [])
    .map(alias => `${alias.toLowerCase()}.${names.project}`)
    .filter(isName)
  const qualified = known.map(name => `${name}.${names.networkName.toLowerCase()}`).filter(isName)
  const all = [...qualified.slice(0, 1), ...known, ...qualified]
  return [...new Set(names.project === undefined ? all : [...all, ...ofProject])]
}

/** Whether a resolver could ask for it: labels of 1 to 63 bytes of the characters that occur in names of services, containers and hosts. */
export function isName(name: string): boolean {
  return name.length <= NAME_MAX && NAME.test(name)
}

const NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/

/**
 * Text of a network's names file. First line `names 1`; then, fields parted by one space, `a <name> <address>`
 * (forward: every address of that name, in both families), `p <address> <name>` (reverse) and, of an endpoint without
 * addresses (a stopped container's), `k <name>`: ours, so that it is never asked outside. Those of a project stand behind a line
 * `g <project>`. `o <project>`, `h .` and `e <pattern> <set>` are the traits. Sorted, so that equal states give equal texts. Read by
 * native/relay/dns-file.c.
 */
export function renderNames(endpoints: readonly NamedEndpoint[], traits?: NamesFileTraits): string {
  const [first] = endpoints
  if (first === undefined || traits !== undefined) return renderAnew(endpoints, traits)
  const known = rendered.get(first)
  if (known?.of.length === endpoints.length && endpoints.every((each, at) => each === known.of[at]))
    return known.text
  const text = renderAnew(endpoints)
  rendered.set(first, { of: endpoints, text })
  return text
}

/** Texts of endpoints of which nothing has changed, by the first of them. */
const rendered = new WeakMap<
  NamedEndpoint,
  { readonly of: readonly NamedEndpoint[]; readonly text: string }
>()

function renderAnew(endpoints: readonly NamedEndpoint[], traits: NamesFileTraits = {}): string {
  const projects = [...new Set(endpoints.map(({ project = '' }) => project))].sort()
  return [
    'names 1\n',
    ...(traits.readBy === undefined ? [] : [`o ${traits.readBy}\n`]),
    ...(traits.hides === true ? ['h .\n'] : []),
    ...(traits.egress ?? []).map(({ pattern, set = '-' }) => `e ${pattern} ${set}\n`),
    ...projects.flatMap(project => [
      ...(project === '' ? [] : [`g ${project}\n`]),
      ...linesOfAll(endpoints.filter(endpoint => (endpoint.project ?? '') === project)),
    ]),
  ].join('')
}

function linesOfAll(endpoints: readonly NamedEndpoint[]): string[] {
  return [...new Set(endpoints.flatMap(linesOf))].sort()
}

/** Of endpoints that are told of again and again, of which nothing changes. */
const lines = new WeakMap<NamedEndpoint, readonly string[]>()

function linesOf(endpoint: NamedEndpoint): readonly string[] {
  const known = lines.get(endpoint) ?? renderEndpoint(endpoint)
  lines.set(endpoint, known)
  return known
}

function renderEndpoint(endpoint: NamedEndpoint): string[] {
  const addresses = endpoint.addresses.flatMap(text => {
    const address = parseAddress(text.replace(/\/.*/, ''))
    return address ? [formatAddress(address)] : []
  })
  if (addresses.length === 0) return endpoint.names.map(name => `k ${name}\n`)
  const [primary] = endpoint.names
  return addresses.flatMap(address => [
    ...endpoint.names.map(name => `a ${name} ${address}\n`),
    ...(primary === undefined || endpoint.forwardOnly ? [] : [`p ${address} ${primary}\n`]),
  ])
}

/**
 * Writes RUN/networks/<id>/names by rename; the relays of the network see it at their next question. RUN is memory: by another thread
 * each call would take ten times as long.
 */
export async function writeNames(
  run: string,
  networkId: string,
  endpoints: readonly NamedEndpoint[],
  traits?: NamesFileTraits,
): Promise<void> {
  const path = join(namesFolder(run, networkId), 'names')
  const text = Buffer.from(renderNames(endpoints, traits))
  const write = (): void => writeFileAtomicSync(path, text, { mode: 0o644, durable: false })
  try {
    write()
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    makeNamesFolder(run, networkId)
    write()
  }
}

/**
 * Makes the folder of a names file where there is none: relays open it when they start, and its file may follow. Folder and file
 * can be read by all, since relays run without any right; RUN itself, 0700, keeps everybody else out.
 */
export function makeNamesFolder(run: string, networkId: string): void {
  const folder = namesFolder(run, networkId)
  if (existsSync(folder)) return
  mkdirSync(folder, { recursive: true })
  chmodSync(folder, 0o755) // whatever the umask
}

/** The addresses that a network's names file tells for a name; none where there is no such file. */
export async function readNamed(run: string, networkId: string, name: string): Promise<string[]> {
  return (await linesIn(run, networkId)).flatMap(([kind, of, address]) =>
    kind === 'a' && of === name && address !== undefined ? [address] : [],
  )
}

async function linesIn(run: string, id: string): Promise<string[][]> {
  try {
    const text = await readFile(join(namesFolder(run, id), 'names'), 'utf8')
    return text.split('\n').map(line => line.split(' '))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Removes RUN/networks/<id>; fine when it is gone already. */
export async function removeNames(run: string, networkId: string): Promise<void> {
  const folder = namesFolder(run, networkId)
  // Most containers have none of their own, which is asked at the end of each: on other threads that takes four turns.
  if (existsSync(folder)) await rm(folder, { recursive: true, force: true })
}
