import { holds, unknownIn } from '../../lib/schema/cel/evaluate';
import { expressionOf } from '../../lib/schema/cel/functions';

describe('a condition holds or not', () => {
  test.each<[string, unknown, boolean]>([
    [`has(self.a) || self.b.size() > 0`, { a: 1 }, true],
    [`self.b.size() > 0 || has(self.a)`, { a: 1 }, true],
    [`self.b.size() > 0 || has(self.a)`, {}, false],
    [`self.b.size() > 0 && has(self.a)`, {}, false],
    [`self.all(x, self.exists_one(y, x == y))`, ['a', 'b', 'a'], false],
    [`self.all(x, x > 1 ? x % 2 == 0 : true)`, [1, 2, 4], true],
    [`[has(self.a), has(self.b)].filter(x, x).size() == 1`, { a: null, b: 0 }, true],
    [`{"low": 1, "high": 2}[self.from] <= {"low": 1, "high": 2}[self.to]`, { from: 'high', to: 'low' }, false],
    [`self.exists(k, k.split("/")[0].size() > 3)`, { 'abcd/e': 'x' }, true],
    [`duration(self) >= duration('1m30s')`, '90s', true],
    [`duration(self) != duration('90s')`, '1.5m', false],
    [`duration(self) > duration('0s')`, 'soon', false],
    [`self.matches(r"""^a\\.b$""") && !self.contains("c")`, 'a.b', true],
    [`self.matches("^\\\\d+$")`, '12', true],
    [`has(self.__namespace__) && self.__namespace__ == ''`, { namespace: '' }, true],
    [`'*' in self && self.size() > 1`, ['*'], false],
    [`!('a' in self) && 0 < int(self.b)`, { b: '5' }, true],
    [`(self.type == 'A') == has(self.a)`, { type: 'B', a: 1 }, false],
    [`self.lowerAscii() != 'host' && self.upperAscii() == 'HOSTS'`, 'Hosts', true],
    [`self - 1 < -self * 2 + 7`, 2, true],
    [`isIP(self)`, '10.0.0.256', false],
  ])('%s of %j', (condition, self, answer) => {
    expect(unknownIn(condition)).toBeUndefined();
    expect(holds(condition, self)).toBe(answer);
  });
});

test.each([
  ['self == oldSelf', 'oldSelf'],
  ['quantity(self).isGreaterThan(quantity("1Gi"))', 'isGreaterThan()'],
  ['self.all(x, y == x)', 'y'],
  ['self.matches(self.pattern)', 'matches()'],
  ['self.matches("(?<name>a)")', 'matches()'],
  ['self ==', 'its syntax'],
  ['self.a / 2 == 1', 'its syntax'],
  ['self == "\\u0041"', 'its syntax'],
])('%s cannot be evaluated, for %s', (condition, because) => {
  expect(unknownIn(condition)).toBe(because);
});

test('expressions of Go are translated where they mean the same', () => {
  expect(expressionOf('^(?i)(abort|warn)?$')?.test('WARN')).toBe(true);
  expect(expressionOf('^[*+]++$')).toBeUndefined();
  expect(expressionOf('\\pL')).toBeUndefined();
  expect(expressionOf('^[[:alpha:]]$')).toBeUndefined();
});
