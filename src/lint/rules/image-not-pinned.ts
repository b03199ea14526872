import { splitReference } from '../../oci/reference.ts'
import { perService, type Rule } from '../rule.ts'

/** IMAGE_NOT_PINNED */
export const imageNotPinned: Rule = {
  code: 'IMAGE_NOT_PINNED',
  severity: 'warning',
  advice: true,
  about: 'An image has no tag, or the tag latest: what runs changes from one pull to the next',
  find: perService(function* ({ project, service, path }) {
    const { image, build, pull_policy: policy } = service
    const isMadeHere =
      build !== undefined ||
      policy === 'never' ||
      policy === 'build' ||
      (policy === undefined && isBuilt(image))
    if (image === undefined || image === '' || isMadeHere || image.includes('@')) return
    const { tag = '' } = splitReference(image)
    if (tag !== '' && tag !== 'latest') return
    yield {
      path: [...path, 'image'],
      summary:
        tag === ''
          ? `"${image}" has no tag, so it is latest`
          : `"${image}" is another image from time to time`,
      hint: 'name the version that the project was tried with',
    }
    function isBuilt(name: string | undefined): boolean {
      return Object.values(project.model.services).some(other => other.build && other.image === name)
    }
  }),
}
