import { allow, JOURNAL, listPart, type Statement } from '../../resources/iam.ts';

export function measureRpo(): Statement[] {
  return [listPart('manifests'), allow(['dynamodb:Query'], [JOURNAL])];
}
