import { emitYaml } from '../../../notation/index.ts'
import type { Conversion, Part } from '../convert/convert.ts'
import { nameFor } from '../convert/names.ts'
import type { KubernetesObject } from '../objects/objects.ts'
import { fileName, HEADER, holdsSecrets, type OutputFile } from './file.ts'

/** What a value of a chart is looked up by, and what it is at first. */
interface ChartValue {
  readonly path: readonly string[]
  readonly value: string | number
}

/**
 * A chart whose values are what is chosen anew for each installation: images, numbers of pods, sizes and classes of volumes, types
 * of published Services, hosts of routes. All else is as in the manifests; the release's namespace is the objects' one.
 */
export function chartOf({ parts, project }: Conversion): OutputFile[] {
  const values: ChartValue[] = []
  const templates = parts
    .filter(({ name }) => name !== 'namespace')
    .map(part => ({
      path: `templates/${fileName(part)}`,
      text: templateOf(part, values),
      isSecret: holdsSecrets(part),
    }))
  const chart = {
    apiVersion: 'v2',
    name: nameFor(project),
    description: `${project}, made from its Compose file`,
    type: 'application',
    version: '0.1.0',
  }
  return [
    { path: 'Chart.yaml', text: `${HEADER}${emitYaml(chart)}`, isSecret: false },
    { path: 'values.yaml', text: `${HEADER}${emitYaml(treeOf(values))}`, isSecret: false },
    ...templates,
  ]
}

/** The objects of a part with lookups in place of values; what would be read as a template is written as text. */
function templateOf(part: Part, values: ChartValue[]): string {
  const from = values.length
  const objects = part.objects.map(object => withPlaces(part, object, values))
  const literal = objects.map(emitYaml).join('---\n').replaceAll('{{', '{{ "{{" }}')
  const text = values
    .slice(from)
    .reduce(
      (at, { path, value }, index) => at.replaceAll(placeOf(from + index), lookupOf(path, value)),
      literal,
    )
  return `${HEADER}${text.replaceAll(RELEASE, '{{ .Release.Namespace }}')}`
}

/** Stands for the namespace of the release. */
const RELEASE = 'TSCOMPOSE-RELEASE-NAMESPACE'

/** A word that nobody writes, in place of the value of this number. */
function placeOf(index: number): string {
  return `TSCOMPOSE-VALUE-${index}-`
}

function lookupOf(path: readonly string[], value: string | number): string {
  const found = `index .Values ${path.map(key => JSON.stringify(key)).join(' ')}`
  // What Go quotes so, YAML reads as it was.
  return typeof value === 'number' ? `{{ ${found} }}` : `{{ ${found} | printf "%q" }}`
}

function withPlaces({ name: owner }: Part, object: KubernetesObject, values: ChartValue[]): unknown {
  const place = (wanted: readonly string[], value: string | number): string => {
    // Services of one pod may be published in several ways: what comes later is looked up by its object as well.
    const isTaken = values.some(({ path }) => path.join('/') === wanted.join('/'))
    const path = isTaken ? [...wanted.slice(0, -1), `${wanted.at(-1)}-${object.metadata.name}`] : wanted
    values.push({ path, value })
    return placeOf(values.length - 1)
  }
  const { namespace: _, ...metadata } = object.metadata
  const plain = { ...object, metadata }
  switch (plain.kind) {
    case 'Deployment':
    case 'StatefulSet':
      return workloadPlaces(
        {
          ...plain,
          spec: { ...plain.spec, replicas: place(['services', owner, 'replicas'], plain.spec.replicas) },
        },
        owner,
        place,
      )
    case 'DaemonSet':
    case 'Job':
      return workloadPlaces(plain, owner, place)
    case 'PersistentVolumeClaim': {
      const { storageClassName: storage, resources, ...rest } = plain.spec
      const path = ['volumes', metadata.name]
      const size = place([...path, 'size'], resources.requests['storage'] ?? '')
      const named =
        storage === undefined ? {} : { storageClassName: place([...path, 'storageClass'], storage) }
      return { ...plain, spec: { ...rest, ...named, resources: { requests: { storage: size } } } }
    }
    case 'Service': {
      const { type } = plain.spec
      return type === undefined
        ? plain
        : { ...plain, spec: { ...plain.spec, type: place(['services', owner, 'publish'], type) } }
    }
    case 'RoleBinding': {
      const subjects = plain.subjects.map(subject => ({ ...subject, namespace: RELEASE }))
      return { ...plain, subjects }
    }
    case 'Ingress':
      return {
        ...plain,
        spec: {
          ...plain.spec,
          rules: plain.spec.rules.map(rule =>
            rule.host === undefined ? rule : { ...rule, host: place(['services', owner, 'host'], rule.host) },
          ),
        },
      }
    default:
      return plain
  }
}

interface WithPod {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] }
    }
  }
}

/** The images of a pod: that of its first container by the service, others by their names. */
function workloadPlaces<T extends WithPod>(
  workload: T,
  owner: string,
  place: (path: readonly string[], value: string) => string,
): unknown {
  const { spec } = workload
  const containers = spec.template.spec.containers.map((container, index) => {
    const path = ['services', owner, index === 0 ? 'image' : `image-${container.name}`]
    return { ...container, image: place(path, container.image) }
  })
  return {
    ...workload,
    spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } },
  }
}

function treeOf(values: readonly ChartValue[]): object {
  const sections = new Map<string, Map<string, Map<string, string | number>>>()
  for (const { path, value } of values) {
    const [section = '', name = '', key = ''] = path
    const ofSection = sections.get(section) ?? new Map<string, Map<string, string | number>>()
    const ofName = ofSection.get(name) ?? new Map<string, string | number>()
    sections.set(section, ofSection.set(name, ofName.set(key, value)))
  }
  // A service may be called as what every object of JavaScript has.
  return Object.fromEntries(
    [...sections].map(([section, names]) => [
      section,
      Object.fromEntries([...names].map(([name, keys]) => [name, Object.fromEntries(keys)])),
    ]),
  )
}
