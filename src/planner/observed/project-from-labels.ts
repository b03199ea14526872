import type { DependsOn, Project, Service } from '../../model/index.ts'
import { LABEL, readDependsOn } from '../project/labels.ts'
import { compareText } from '../spec/canonical.ts'
import { byNumber } from './find.ts'
import type { Observed, ObservedContainer } from './observed.ts'

/**
 * The project as its containers, networks and volumes tell by their labels: for commands without a Compose file. Where
 * our own label holds the service's spec it is used; otherwise a service is its name, number and dependencies.
 */
export function projectFromLabels(observed: Observed): Project {
  const containers = [...observed.containers].filter(({ oneOff, hook }) => !oneOff && !hook).sort(byNumber)
  const names = [...new Set(containers.map(({ service }) => service))].sort(compareText)
  const services = names.map((name): [string, Service] => [
    name,
    serviceOf(
      containers.filter(({ service }) => service === name),
      names,
    ),
  ])
  const networks = observed.networks
    .filter(({ project, key }) => project === observed.project && key !== '')
    .map(({ key, name }) => [key, { name, ipam: {} }] as const)
  const volumes = observed.volumes
    .filter(({ project, key }) => project === observed.project && key !== '')
    .map(({ key, name }) => [key, { name }] as const)
  const labels = containers[0]?.labels ?? {}
  return {
    name: observed.project,
    model: {
      name: observed.project,
      services: Object.fromEntries(services),
      networks: Object.fromEntries(networks),
      volumes: Object.fromEntries(volumes),
    },
    workingDir: labels[LABEL.workingDir] ?? '',
    configFiles: listOf(labels[LABEL.configFiles]),
    environmentFiles: listOf(labels[LABEL.environmentFile]),
    environment: {},
    profiles: [],
    disabledServices: {},
    origins: { of: () => undefined },
  }
}

function serviceOf(containers: readonly ObservedContainer[], names: readonly string[]): Service {
  const first = containers[0]
  const dependsOn: Record<string, DependsOn> = {}
  for (const [name, edge] of Object.entries(readDependsOn(first?.labels[LABEL.dependsOn])))
    if (names.includes(name)) dependsOn[name] = edge
  // `pre_stop` is not in the label, so a project without a file has no such hooks, as with Docker Compose.
  // What its configs and secrets hold is not in the label either: the container keeps what it has.
  const {
    environment: _masked,
    post_start: _hooks,
    configs: _configs,
    secrets: _secrets,
    ...spec
  } = (first?.spec?.value ?? {}) as Partial<Service>
  return { command: null, entrypoint: null, ...spec, scale: containers.length, depends_on: dependsOn }
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').filter(part => part !== '')
}
