import type { Drift } from '../../api/types/index.ts'
import { type Links, mendInsideOps, observeInside, type WantedInside } from '../../network/index.ts'
import { sharersOf } from '../groups/kept-network.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import { capabilityBit, resolveCapabilities } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { Made } from './made.ts'
import { onceAMoment } from './moment.ts'
import { OF_INTERFACES, writeSysctls } from './settings.ts'
import { type ContainerSight, inPlace, type Thing } from './thing.ts'

/** A container's interfaces, on both sides, with addresses and routes. */
export const ENDPOINTS: Thing<ContainerSight> = {
  paths: ['endpoint', 'loopback', 'route'],
  outlasts: true,
  basis(sight) {
    const { made, seen, host, container, engine } = sight
    const outside = made && host && outsideOf(made, host)
    if (seen?.links === undefined || outside === undefined) return undefined
    const { links, addresses, routes } = seen
    return [made, outside, links, addresses, routes, isOwnMaster(engine, container)]
  },
  observe(sight) {
    const { engine, container, host, inside, made } = sight
    const gone = container.record.endpoints.flatMap(({ networkId, networkName }): Drift[] =>
      engine.networks.find(networkId) === undefined
        ? [{ Path: `endpoint.${networkName}.network`, Want: networkId, Got: 'removed' }]
        : [],
    )
    if (gone.length > 0) return gone
    if (host === undefined || inside === undefined) return hasOwnNetwork(container) ? undefined : []
    const asked: Question[] = []
    const found = observeInside(askedLinks(host, asked), inside, wantedInside(sight))
    if (made !== undefined) outsides.set(made, Object.assign(outsides.get(made) ?? {}, { asked, of: host }))
    return found.map(inPlace)
  },
  async repair(sight) {
    const { engine, container, host, inside } = sight
    if (host === undefined || inside === undefined) return
    const wanted = wantedInside(sight)
    await engine.native.run({ setup: mendInsideOps(networkNamespaceOf(container), host, inside, wanted) })
    // An interface that was made anew has the kernel's.
    await writeSysctls(sight, OF_INTERFACES)
  },
}

/** What was asked of the host's links: all others may be as they like. */
type Question = readonly [of: keyof Links, name: string]

/** What a look has asked of the host's links: the same object while the answers are the same. */
interface Outside {
  asked: readonly Question[]
  /** Those that it was last asked of: the host's links are the same object while none is another. */
  of: Links
}

const outsides = new WeakMap<Made, Outside>()

/** Undefined where nobody has asked yet. */
function outsideOf(made: Made, host: Links): Outside | undefined {
  const known = outsides.get(made)
  if (known === undefined || known.of === host) return known
  const { asked } = known
  if (answersOf(known.of, asked) !== answersOf(host, asked)) outsides.set(made, { asked, of: host })
  else known.of = host
  return outsides.get(made)
}

/** The links, noting what they are asked. */
function askedLinks(host: Links, asked: Question[]): Links {
  const ask = <Of extends keyof Links>(of: Of) =>
    ((name: string) => {
      asked.push([of, name])
      return host[of](name)
    }) as Links[Of]
  return {
    has: ask('has'),
    indexOf: ask('indexOf'),
    macOf: ask('macOf'),
    masterOf: ask('masterOf'),
    portsOf: ask('portsOf'),
    isUp: ask('isUp'),
    mtuOf: ask('mtuOf'),
    portOf: ask('portOf'),
    addressesOf: ask('addressesOf'),
  }
}

function answersOf(host: Links, asked: readonly Question[]): string {
  return JSON.stringify(asked.map(([of, name]) => [of, name, host[of](name) ?? null]))
}

function wantedInside({ engine, container, made }: ContainerSight): WantedInside {
  return { endpoints: made?.endpoints ?? [], isOwnMaster: isOwnMaster(engine, container) }
}

/** Whether somebody in a container's network may set it up as he likes. */
export function isOwnMaster(engine: EngineContext, container: Container): boolean {
  return livingIn(engine, container).some(each => setsUpNetworks(engine, each))
}

/** Who lives in a container's network: itself, and those that share it. */
function livingIn({ containers }: EngineContext, container: Container): readonly Container[] {
  return [container, ...(sharersNow(containers).get(container) ?? [])]
}

const sharersNow = onceAMoment(sharersOf)

const masters = new WeakMap<Container['terms'], boolean>()

function setsUpNetworks({ host }: EngineContext, { terms }: Container): boolean {
  const known = masters.get(terms)
  if (known !== undefined) return known
  const isMaster =
    (resolveCapabilities(terms.security, host.capabilities) & capabilityBit('NET_ADMIN')) !== 0n
  masters.set(terms, isMaster)
  return isMaster
}

/** Whether a container has a network namespace of its own. */
export function hasOwnNetwork({ terms }: Pick<Container, 'terms'>): boolean {
  return terms.network.mode.kind === 'network' || terms.network.mode.kind === 'none'
}
