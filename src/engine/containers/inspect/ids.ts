import type { MappedIds } from '../../../api/types/index.ts'
import type { Container } from '../../state/container.ts'

/** Whether what drifts of it is put right as it goes. */
export function renderMended({ record }: Pick<Container, 'record'>): { readonly TscomposeMended?: true } {
  return record.mended === true ? { TscomposeMended: true } : {}
}

/** Whose ids the present or last run of a container had; nothing of one that was never started. */
export function renderIds({ record }: Pick<Container, 'record'>): { readonly TscomposeIds?: MappedIds } {
  const { ids } = record.state
  if (ids === undefined) return {}
  if ('first' in ids) return { TscomposeIds: { First: ids.first } }
  return { TscomposeIds: { Reason: ids.reason, ...(ids.asked === true ? { Asked: true } : {}) } }
}
