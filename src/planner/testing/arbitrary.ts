import fc from 'fast-check'
import type { DependsOn, Service } from '../../model/index.ts'
import type { ProjectSketch } from './projects.ts'

const NAMES = ['alpha', 'beta', 'delta', 'gamma', 'omega'] as const
const NETWORKS = ['back', 'front'] as const
const VOLUMES = ['data', 'logs', 'same'] as const

const edge: fc.Arbitrary<DependsOn> = fc.record({
  condition: fc.constantFrom('service_started', 'service_healthy', 'service_completed_successfully'),
  required: fc.boolean(),
  restart: fc.boolean(),
})

/** What a service may be, apart from its edges, which must not make a circle. */
const plainService = fc.record({
  isBuilt: fc.boolean(),
  image: fc.constantFrom('own', 'shared'),
  isBuiltFromAnother: fc.boolean(),
  debug: fc.constantFrom('0', '1'),
  scale: fc.integer({ min: 0, max: 3 }),
  networks: fc.subarray([...NETWORKS], { minLength: 1 }),
  volumes: fc.subarray([...VOLUMES]),
  isSharingNetwork: fc.boolean(),
  hasHook: fc.boolean(),
  update: fc.constantFrom(
    undefined,
    { order: 'start-first' },
    { order: 'start-first', parallelism: 1 },
    { parallelism: 1, delay: '1s' },
  ),
  edges: fc.array(fc.tuple(fc.nat(), edge), { maxLength: 2 }),
})

type PlainService = typeof plainService extends fc.Arbitrary<infer T> ? T : never

/**
 * Projects of up to five services: edges of every kind, shared namespaces and images, replicas, builds, hooks, a volume
 * of two keys, containers with the names of others.
 */
export const projectSketch: fc.Arbitrary<ProjectSketch> = fc
  .tuple(
    fc.array(plainService, { minLength: 1, maxLength: NAMES.length }),
    fc.record({
      internal: fc.boolean(),
      driver: fc.constantFrom('local', 'other'),
      hasSwappedNames: fc.boolean(),
    }),
  )
  .map(([plain, { internal, driver, hasSwappedNames }]) => ({
    services: Object.fromEntries(
      plain.map((service, index) => {
        const made = makeService(service, index, plain)
        return [NAMES[index] ?? '', hasSwappedNames ? withNextName(made, index, plain.length) : made]
      }),
    ),
    networks: { back: { internal }, front: {} },
    // One volume under two keys.
    volumes: { data: { driver }, logs: {}, same: { driver, name: 'lamp_data' } },
  }))

/** Each has the name that the next one's container would have. */
function withNextName(service: Partial<Service>, index: number, count: number): Partial<Service> {
  return { ...service, scale: 1, container_name: `lamp-${NAMES[(index + 1) % count] ?? ''}-1` }
}

/** One of those that share an image builds it; the others, before or behind it, take it by its name. */
function imageOf(plain: PlainService, index: number, all: readonly PlainService[]): Partial<Service> {
  const isBuilder = (service: PlainService | undefined): boolean =>
    service?.isBuilt === true && (service.image === 'own' || service === all.find(isSharedBuilder))
  const source = NAMES[index - 1]
  const isChained = plain.isBuiltFromAnother && source !== undefined && isBuilder(all[index - 1])
  return {
    ...(plain.image === 'shared' ? { image: 'example/shared' } : {}),
    ...(isBuilder(plain)
      ? {
          build: {
            context: `/src/${index}`,
            ...(isChained ? { additional_contexts: { base: `service:${source}` } } : {}),
          },
        }
      : {}),
  }
}

function isSharedBuilder({ isBuilt, image }: PlainService): boolean {
  return isBuilt && image === 'shared'
}

/** Only services before it are depended on, so there is never a circle. */
function makeService(plain: PlainService, index: number, all: readonly PlainService[]): Partial<Service> {
  const dependsOn: Record<string, DependsOn> = {}
  for (const [pick, one] of index === 0 ? [] : plain.edges) dependsOn[NAMES[pick % index] ?? ''] = one
  const parent = plain.isSharingNetwork && index > 0 ? NAMES[index - 1] : undefined
  if (parent !== undefined)
    dependsOn[parent] = { condition: 'service_started', required: true, restart: true }
  return {
    ...imageOf(plain, index, all),
    environment: { DEBUG: plain.debug },
    ...(plain.update === undefined ? {} : { deploy: { update_config: plain.update } }),
    // A container whose namespace is shared must be there.
    scale: Math.max(1, plain.scale),
    depends_on: dependsOn,
    ...(parent === undefined
      ? { networks: Object.fromEntries(plain.networks.map(key => [key, null])) }
      : { network_mode: `service:${parent}` }),
    volumes: plain.volumes.map(source => ({ type: 'volume', source, target: `/${source}` })),
    ...(plain.hasHook ? { post_start: [{ command: ['true'] }], pre_start: [{ command: ['true'] }] } : {}),
  }
}
