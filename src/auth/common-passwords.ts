/**
 * What attackers try first among passwords that are long enough, in lower case and without signs. Short on purpose: the
 * required length does most of the work, the wait after failures the rest.
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  password passwort passw0rd passwordpassword password123 password1234 password12345 mypassword newpassword
  thepassword yourpassword changeme changemenow changemeplease letmein letmeinnow letmeinplease welcome welcomeback
  welcomehome secret secretsecret topsecret verysecret administrator adminadmin rootroot
  123456789 1234567890 12345678910 123456789a 0123456789 9876543210 0987654321 1122334455 1029384756 123123123123
  1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedc qazwsxedcrfv zaq12wsxcde3 qwertyuiop qwertyuiop123 qwerty qwerty123456
  qwertzuiop qwertz azertyuiop azerty asdfghjkl asdfghjklm zxcvbnm zxcvbnmasdf abcdefghij abcdefghijk abcdefghijklmnop
  abcdefgh abcd1234abcd abc123abc123 a1b2c3d4e5 aabbccddee iloveyou iloveyouforever iloveyousomuch ihateyou
  football baseball basketball volleyball superman spiderman batmanbatman starwars starwarsfan pokemonpokemon
  minecraft minecraft123 dragonball princess sunshine sunshine123 chocolate butterfly computer computer123
  internet microsoft facebook instagram whatsapp youtubeyoutube googlegoogle samsunggalaxy
  student student123 students studentstudent teacher professor university college highschool school homework
  python pythonpython python123 ilovepython helloworld helloworldhello hellohello helloworld123 programming
  classroom classclass classhclassh correcthorsebatterystaple correcthorse trustno1trustno1 whatever whatever123
  testtest testtest123 testpassword testing testing123 guestguest defaultpassword default temporary temppassword
  blablabla blablablabla monkeymonkey
  `
    .trim()
    .split(/\s+/),
);
