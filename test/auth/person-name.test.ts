import assert from "node:assert/strict";
import { addressed, surname, turnedRound } from "../../src/auth/person-name.ts";

describe("people's names", () => {
  it("are turned round where a comma tells that the last name comes first", () => {
    const cases = {
      "Byron, Ada": "Ada Byron",
      "  Hopper ,  Grace  B. ": "Grace B. Hopper",
      "van Beethoven, Ludwig": "Ludwig van Beethoven",
      "Lopez Garcia, Ana": "Ana Lopez Garcia",
      "Davis, Sammy, Jr.": "Sammy Davis Jr.",
      "Sammy Davis, Jr.": "Sammy Davis, Jr.",
      "Grace Hopper, PhD": "Grace Hopper, PhD",
      Ada: "Ada",
      "": "",
      "Byron,": "Byron,",
      ",Ada": ",Ada",
      "one, two, three": "one, two, three",
    };
    for (const [name, turned] of Object.entries(cases)) assert.equal(turnedRound(name), turned, name);
  });

  it("have a last name, with its small words and without titles", () => {
    const cases = {
      "Byron, Ada": "Byron",
      "Grace Hopper": "Hopper",
      Ada: "Ada",
      "Ludwig van Beethoven": "van Beethoven",
      "van der Berg, Jo": "van der Berg",
      "Jo van der Berg": "van der Berg",
      "Dr. Grace Hopper, PhD": "Hopper",
      "Sammy Davis Jr.": "Davis",
      "Davis, Sammy, Jr.": "Davis",
      "Ada Byron (she/her)": "Byron",
      "Lopez Garcia, Ana": "Lopez Garcia",
      "Hopper, Dr. Grace": "Hopper",
      "Dr.": "Dr.",
      "": "",
      "María José García-López": "García-López",
    };
    for (const [name, last] of Object.entries(cases)) assert.equal(surname(name), last, name);
  });

  it("address a professor by the last name, an assistant by the name, and who has none by the user name", () => {
    const cases = [
      ["professor", "Byron, Ada", "Prof. Byron"],
      ["professor", "Grace Hopper", "Prof. Hopper"],
      ["professor", "Prof. Dr. Ada Byron", "Prof. Dr. Ada Byron"],
      ["professor", "", "x"],
      ["professor", "Ada", "Prof. Ada"],
      ["ta", "Tia", "Tia"],
      ["ta", "Test, Tia", "Tia Test"],
      ["admin", "Byron, Ada", "Ada Byron"],
      ["ta", " ", "x"],
    ] as const;
    for (const [role, name, expected] of cases)
      assert.equal(addressed({ username: "x", role, name }), expected, `${role} ${name}`);
  });
});
