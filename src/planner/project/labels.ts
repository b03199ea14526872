import type { DependsOn, Network, Project, Service, Volume } from '../../model/index.ts'

import { compareText } from '../spec/canonical.ts'
import { normaliseNetwork, normaliseVolume } from '../spec/normalise.ts'
import { literalNames } from '../spec/reveal.ts'
import { openSpec, type Spec, specLabel, specOf } from '../spec/stored.ts'
import { budgetOf } from './budget.ts'

/** Labels of anything: name to value. */
export type Labels = Readonly<Record<string, string>>

/** Docker Compose's labels: other tools find projects by them. */
export const LABEL = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  number: 'com.docker.compose.container-number',
  oneOff: 'com.docker.compose.oneoff',
  slug: 'com.docker.compose.slug',
  configHash: 'com.docker.compose.config-hash',
  image: 'com.docker.compose.image',
  imageVolumes: 'com.docker.compose.image-volume-digest',
  dependsOn: 'com.docker.compose.depends_on',
  workingDir: 'com.docker.compose.project.working_dir',
  configFiles: 'com.docker.compose.project.config_files',
  environmentFile: 'com.docker.compose.project.environment_file',
  version: 'com.docker.compose.version',
  replace: 'com.docker.compose.replace',
  network: 'com.docker.compose.network',
  volume: 'com.docker.compose.volume',
  hook: 'com.docker.compose.hook',
  /** Ours: the normalised spec, so that the next `up` can name what changed. */
  spec: 'com.tscompose.spec',
  /** Ours: digests of secret values, under the key in the annotation. */
  secrets: 'com.tscompose.secrets',
  /** Ours: which of several projects of the same files, and its loopback address. */
  instance: 'com.tscompose.instance',
  address: 'com.tscompose.address',
  /** Ours: it shares the limits of its project. */
  budget: 'com.tscompose.budget',
} as const

/** The annotation with the key to the label `com.tscompose.secrets`. */
export const SECRETS_KEY = 'com.tscompose.secrets-key'

/** `com.docker.compose.version`; a test holds it to package.json. */
export const TOOL_VERSION = '0.1.0'

/** Labels of a service's container, but `com.docker.compose.image`. The user's come first, so ours win. */
export function containerLabels(
  project: Project,
  serviceName: string,
  service: Service,
  spec: Spec,
  number: number,
): Labels {
  const label = specLabel(spec, literalNames({ project, serviceName, service }))
  return {
    ...serviceLabels(project, serviceName, service, spec),
    [LABEL.number]: String(number),
    [LABEL.oneOff]: 'False',
    ...(label === undefined ? {} : { [LABEL.spec]: label }),
  }
}

/** Labels of a one-off container (`run`): it has no number, and nothing is compared with what it was made from. */
export function oneOffLabels(
  project: Project,
  serviceName: string,
  service: Service,
  spec: Spec,
  slug: string,
): Labels {
  return {
    ...serviceLabels(project, serviceName, service, spec),
    [LABEL.oneOff]: 'True',
    [LABEL.slug]: slug,
  }
}

function serviceLabels(project: Project, serviceName: string, service: Service, spec: Spec): Labels {
  return {
    ...service.labels,
    ...projectLabels(project),
    [LABEL.service]: serviceName,
    [LABEL.configHash]: spec.hash,
    [LABEL.dependsOn]: dependsOnText(service.depends_on ?? {}),
    ...(budgetOf(project) === undefined ? {} : { [LABEL.budget]: 'true' }),
  }
}

/** Labels that say which project a container is of. */
export function projectLabels(project: Project): Labels {
  return {
    [LABEL.project]: project.name,
    [LABEL.workingDir]: project.workingDir,
    [LABEL.configFiles]: project.configFiles.join(','),
    ...(project.environmentFiles.length === 0
      ? {}
      : { [LABEL.environmentFile]: project.environmentFiles.join(',') }),
    ...(project.instance === undefined ? {} : { [LABEL.instance]: project.instance.name }),
    ...(project.instance?.address === undefined ? {} : { [LABEL.address]: project.instance.address }),
    [LABEL.version]: TOOL_VERSION,
  }
}

/** Labels of a network. */
export function networkLabels(project: string, key: string, network: Network): Labels {
  return resourceLabels(
    project,
    network.labels,
    { [LABEL.network]: key },
    openSpec(normaliseNetwork(network)),
  )
}

/** Labels of a volume. */
export function volumeLabels(project: string, key: string, volume: Volume): Labels {
  return resourceLabels(project, volume.labels, { [LABEL.volume]: key }, specOf(normaliseVolume(volume)))
}

function resourceLabels(project: string, user: Labels | undefined, own: Labels, spec: Spec): Labels {
  const label = specLabel(spec)
  return {
    ...user,
    [LABEL.project]: project,
    ...own,
    [LABEL.version]: TOOL_VERSION,
    [LABEL.configHash]: spec.hash,
    ...(label === undefined ? {} : { [LABEL.spec]: label }),
  }
}

/** Labels of a built image. */
export function imageLabels(project: string, serviceName: string, user: Labels | undefined): Labels {
  return {
    ...user,
    [LABEL.project]: project,
    [LABEL.service]: serviceName,
    [LABEL.version]: TOOL_VERSION,
  }
}

/** `db:service_healthy:false,cache:service_started:true`: with it commands without a file know the order. */
function dependsOnText(dependsOn: Readonly<Record<string, DependsOn>>): string {
  return Object.entries(dependsOn)
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, edge]) => `${name}:${edge.condition}:${edge.restart === true}`)
    .join(',')
}

/** Reads `dependsOnText`; what is not of that form is left out, it may be another tool's. */
export function readDependsOn(text: string | undefined): Record<string, DependsOn> {
  const result: Record<string, DependsOn> = {}
  for (const part of (text ?? '').split(',')) {
    const [name, condition, restart] = part.split(':')
    if (name === undefined || name === '') continue
    result[name] = {
      condition:
        condition === 'service_healthy' || condition === 'service_completed_successfully'
          ? condition
          : 'service_started',
      required: true,
      restart: restart === 'true',
    }
  }
  return result
}
