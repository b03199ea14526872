import type { Path } from '../../../model/index.ts'
import type { Texts } from '../objects/metadata.ts'
import type { Notes } from './notes.ts'

/** What says here what a label says to kompose, by the label's beginning; the first that fits. */
const OURS: readonly (readonly [label: string, ours: string])[] = [
  [
    'kompose.service.type',
    'x-tscompose-kubernetes: {publish: …}, or deploy: {endpoint_mode: dnsrr} for headless',
  ],
  ['kompose.service.expose.tls-secret', 'x-tscompose-kubernetes: {tls_secret: …}'],
  ['kompose.service.expose.ingress-class-name', 'x-tscompose-kubernetes: {ingress_class: …}'],
  ['kompose.service.expose', 'x-tscompose-kubernetes: {publish: ingress, host: …}'],
  [
    'kompose.service.nodeport.port',
    'x-tscompose-kubernetes: {publish: node-port} and ports of 30000 to 32767',
  ],
  ['kompose.service.healthcheck', 'healthcheck, or x-tscompose: {probe: …}'],
  ['kompose.service.group', 'network_mode: service:NAME'],
  ['kompose.serviceaccount-name', 'x-tscompose-kubernetes: {service_account: …}'],
  ['kompose.controller.type', 'x-tscompose-kubernetes: {kind: …}'],
  ['kompose.image-pull-secret', 'x-tscompose-kubernetes: {image_pull_secrets: […]}'],
  ['kompose.image-pull-policy', 'pull_policy'],
  ['kompose.security-context.fsgroup', 'user: UID:GID'],
  ['kompose.volume.subpath', 'volume: {subpath: …} in the long form of a mount'],
  ['kompose.volume.size', 'x-tscompose-kubernetes: {size: …} of the volume'],
  ['kompose.volume.storage-class-name', 'x-tscompose-kubernetes: {storage_class: …} of the volume'],
  ['kompose.volume.type', 'tmpfs, or x-tscompose-kubernetes: {binds: …}'],
]

/** Labels without those that are for kompose alone: each of these is told, with what says the same here, if anything does. */
export function withoutKompose(notes: Notes, path: Path, labels: Texts): Texts {
  const kept = Object.entries(labels).filter(([label]) => {
    if (!label.startsWith('kompose.')) return true
    const ours = OURS.find(([start]) => label.startsWith(start))?.[1]
    notes.warn(
      'KUBERNETES_ATTRIBUTE',
      [...path, label],
      `the label "${label}" is read by kompose, and not here${ours === undefined ? '' : `: say ${ours}`}`,
    )
    return false
  })
  return Object.fromEntries(kept)
}
