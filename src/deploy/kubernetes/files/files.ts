import { emitYaml } from '../../../notation/index.ts'
import type { Conversion, Part } from '../convert/convert.ts'
import { fileName, HEADER, holdsSecrets, type OutputFile } from './file.ts'
import { chartOf } from './helm.ts'

/** How objects are written: as they are, as a base of kustomize, or as a chart of Helm. */
export type OutputFormat = 'manifests' | 'kustomize' | 'helm'

/** What a conversion is written as. */
export function filesOf(conversion: Conversion, format: OutputFormat): OutputFile[] {
  switch (format) {
    case 'manifests':
      return manifestsOf(conversion.parts)
    case 'kustomize':
      return baseOf(conversion)
    case 'helm':
      return chartOf(conversion)
  }
}

/** A file for each service, and one for each kind of what they share, which come first in the order of names. */
function manifestsOf(parts: readonly Part[]): OutputFile[] {
  return parts.map(part => ({
    path: fileName(part),
    text: `${HEADER}${part.objects.map(emitYaml).join('---\n')}`,
    isSecret: holdsSecrets(part),
  }))
}

/** Manifests with the list that kustomize reads; the namespace is said there, so that an overlay can say another. */
function baseOf({ parts, namespace }: Conversion): OutputFile[] {
  const manifests = manifestsOf(parts)
  const list = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace,
    resources: manifests.map(({ path }) => path),
  }
  return [{ path: 'kustomization.yaml', text: `${HEADER}${emitYaml(list)}`, isSecret: false }, ...manifests]
}
