// What an API server checks beyond its schemas: names, and that what refers to something finds it.
import { expect, test } from 'vitest'
import { FIXTURES, objectsIn, type Read } from './converted.test-support.ts'

interface PodLike {
  readonly containers: readonly ContainerLike[]
  readonly initContainers?: readonly ContainerLike[]
  readonly volumes?: readonly VolumeLike[]
  readonly serviceAccountName?: string
  readonly restartPolicy?: string
}

interface ContainerLike {
  readonly name: string
  readonly image: string
  readonly ports?: readonly {
    readonly name: string
    readonly containerPort: number
    readonly protocol: string
  }[]
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[]
  readonly env?: readonly { readonly name: string; readonly value: unknown }[]
}

interface VolumeLike {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly configMap?: { readonly name: string; readonly items?: readonly { readonly key: string }[] }
  readonly secret?: { readonly secretName: string }
}

interface Labelled {
  readonly template?: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> }
    readonly spec: PodLike
  }
  readonly selector?: Readonly<Record<string, string>> & {
    readonly matchLabels?: Readonly<Record<string, string>>
  }
  readonly ports?: readonly { readonly name: string; readonly port: number; readonly protocol: string }[]
}

const specOf = (object: Read): Labelled => (object['spec'] ?? {}) as Labelled
const label = ({ kind, metadata }: Read): string => `${kind} ${metadata.name}`
const DNS_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/
const LABEL_VALUE = /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/
const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/

function twice(values: readonly string[]): string[] {
  return values.filter((value, at) => values.indexOf(value) !== at)
}

function labelsProblems(labels: Readonly<Record<string, string>> = {}): string[] {
  return Object.entries(labels)
    .filter(([key, value]) => !LABEL_KEY.test(key) || !LABEL_VALUE.test(value))
    .map(([key, value]) => `label ${key}=${value}`)
}

function podProblems(pod: PodLike, objects: readonly Read[]): string[] {
  const volumes = (pod.volumes ?? []).map(({ name }) => name)
  const containers = [...(pod.initContainers ?? []), ...pod.containers]
  const isThere = (kind: string, name: string): boolean =>
    objects.some(each => each.kind === kind && each.metadata.name === name)
  return [
    ...twice(volumes).map(name => `volume ${name} twice`),
    ...twice(containers.map(({ name }) => name)).map(name => `container ${name} twice`),
    ...containers.filter(({ name }) => !DNS_LABEL.test(name)).map(({ name }) => `container ${name}`),
    ...volumes
      .filter(name => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
      .map(name => `volume ${name}`),
    ...containers.flatMap(({ name, ports = [], volumeMounts = [], env = [] }) => [
      ...ports.filter(port => !/^[a-z0-9-]{1,15}$/.test(port.name)).map(port => `${name}: port ${port.name}`),
      ...twice(ports.map(port => port.name)).map(port => `${name}: port ${port} twice`),
      ...volumeMounts
        .filter(mount => !volumes.includes(mount.name))
        .map(mount => `${name}: no volume ${mount.name}`),
      ...twice(volumeMounts.map(({ mountPath }) => mountPath)).map(path => `${name}: ${path} twice`),
      ...env.filter(({ value }) => typeof value !== 'string').map(each => `${name}: ${each.name} is no text`),
    ]),
    ...(pod.volumes ?? []).flatMap(({ persistentVolumeClaim: claim, configMap, secret }) => [
      ...(claim === undefined || isThere('PersistentVolumeClaim', claim.claimName)
        ? []
        : [`no claim ${claim.claimName}`]),
      ...(configMap === undefined || isThere('ConfigMap', configMap.name)
        ? []
        : [`no ConfigMap ${configMap.name}`]),
      ...(secret === undefined || isThere('Secret', secret.secretName)
        ? []
        : [`no Secret ${secret.secretName}`]),
    ]),
  ]
}

function problemsOf(object: Read, objects: readonly Read[]): string[] {
  const { template, selector, ports = [] } = specOf(object)
  const wanted =
    selector?.matchLabels ??
    (object.kind === 'Service' ? (selector as Readonly<Record<string, string>>) : undefined)
  const pods = objects.flatMap(each => specOf(each).template ?? [])
  const isFound = pods.some(({ metadata: { labels } }) =>
    Object.entries(wanted ?? {}).every(([key, value]) => labels[key] === value),
  )
  return [
    ...(DNS_LABEL.test(object.metadata.name) ? [] : ['its name']),
    ...labelsProblems(object.metadata.labels),
    ...labelsProblems(template?.metadata.labels),
    ...(wanted === undefined || isFound ? [] : ['selects nothing']),
    ...twice(ports.map(({ name }) => name)).map(name => `port ${name} twice`),
    ...twice(ports.map(({ port, protocol }) => `${port}/${protocol}`)).map(port => `port ${port} twice`),
    ...(template === undefined ? [] : podProblems(template.spec, objects)),
    ...(object.kind === 'Job' && !['Never', 'OnFailure'].includes(template?.spec.restartPolicy ?? '')
      ? ['restartPolicy']
      : []),
  ]
}

test.each(FIXTURES)('%s is what a server takes', name => {
  const objects = objectsIn(name)
  expect(
    objects.flatMap(object => problemsOf(object, objects).map(problem => `${label(object)}: ${problem}`)),
  ).toEqual([])
  expect(twice(objects.map(label))).toEqual([])
  expect(
    new Set(objects.filter(({ kind }) => kind !== 'Namespace').map(({ metadata }) => metadata.namespace))
      .size,
  ).toBe(1)
})
