import type { Network, Project, Service, Volume } from '../../model/index.ts'

/** A project as tests write it. */
export interface ProjectSketch {
  readonly name?: string
  readonly services: Readonly<Record<string, Partial<Service>>>
  readonly disabled?: Readonly<Record<string, Partial<Service>>>
  readonly networks?: Readonly<Record<string, Partial<Network>>>
  readonly volumes?: Readonly<Record<string, Partial<Volume>>>
  readonly secrets?: Project['model']['secrets']
  readonly configs?: Project['model']['configs']
  readonly limits?: NonNullable<Project['model']['x-tscompose']>['limits']
}

/** A whole project from a sketch: a `default` network unless the sketch says otherwise, images named after services. */
export function makeProject(sketch: ProjectSketch): Project {
  const name = sketch.name ?? 'lamp'
  const networks = sketch.networks ?? { default: {} }
  return {
    name,
    model: {
      name,
      services: mapValues(sketch.services, makeService),
      networks: mapValues(networks, (network, key) => ({ name: `${name}_${key}`, ipam: {}, ...network })),
      volumes: mapValues(sketch.volumes ?? {}, (volume, key) => ({ name: `${name}_${key}`, ...volume })),
      ...(sketch.secrets === undefined ? {} : { secrets: sketch.secrets }),
      ...(sketch.configs === undefined ? {} : { configs: sketch.configs }),
      ...(sketch.limits === undefined ? {} : { 'x-tscompose': { limits: sketch.limits } }),
    },
    workingDir: '/srv/lamp',
    configFiles: ['/srv/lamp/compose.yaml'],
    environmentFiles: [],
    environment: {},
    profiles: [],
    disabledServices: mapValues(sketch.disabled ?? {}, makeService),
    // All is written as it is.
    origins: { of: () => ({ written: '', variables: [], through: [], overrode: [] }) },
  }
}

function makeService(sketch: Partial<Service>, name: string): Service {
  const isOnNetwork = sketch.network_mode === undefined && sketch.networks === undefined
  return {
    image: sketch.build === undefined ? `example/${name}` : undefined,
    command: null,
    entrypoint: null,
    ...(isOnNetwork ? { networks: { default: null } } : {}),
    ...sketch,
  } as Service
}

function mapValues<A, B>(
  map: Readonly<Record<string, A>>,
  change: (value: A, key: string) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]))
}

/** A short edge of `depends_on`. */
export function dependsOn(
  condition: 'started' | 'healthy' | 'completed_successfully' = 'started',
  more: { readonly required?: boolean; readonly restart?: boolean } = {},
): NonNullable<Service['depends_on']>[string] {
  return { condition: `service_${condition}`, required: true, ...more }
}
