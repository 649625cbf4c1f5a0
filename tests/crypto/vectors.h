// SPDX-License-Identifier: Apache-2.0
#ifndef OCISHIP_TESTS_CRYPTO_VECTORS_H_
#define OCISHIP_TESTS_CRYPTO_VECTORS_H_

// Keys and signatures that other programs made; the keys are used nowhere else. Private keys are
// PKCS#8 where nothing else is said, and what is not PEM is base64.
//
// Keys: openssl genpkey (OpenSSL 3.0); their public halves: openssl pkey -pubout.
//
// Signatures of kSignedText: openssl dgst -SHA -sign; for Ed25519 openssl pkeyutl -sign -rawin.
//
// kCosign: the fields of the JSON in the PEM that cosign 3.1.2 generate-key-pair wrote.
//
// kBox: Python's hashlib.scrypt, then crypto_secretbox_easy; the password is "hello".

#include <string_view>

namespace ociship::crypto::vectors {

inline constexpr std::string_view kSignedText = "a message that was signed with openssl";

inline constexpr std::string_view kP256Key =
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyq+RS4eAII4NWDNuwMH9F+tpAGdtNbAC3C22"
    "L1CkALShRANCAAR3SAiYTWpJC54rQ9H27AJB+pLRHIH8+Z1KT55XI36CSUa+rqlwOJueC//1m/gG8x3KFhpU"
    "R2kqC3gOEveevlYH";

inline constexpr std::string_view kP256Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEd0gImE1qSQueK0PR9uwCQfqS0RyB\n"
    "/PmdSk+eVyN+gklGvq6pcDibngv/9Zv4BvMdyhYaVEdpKgt4DhL3nr5WBw==\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kP256Signature =
    "MEUCIDcDwzVbOyIRmYWW5qROM55IMcHZYotn1rKiAUtjrVnlAiEA6vYQhs8ouaPYMVBn6q/XSNG10ix+mAb0"
    "CayImxS8MB4=";

inline constexpr std::string_view kP384Key =
    "MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDCEsV5F/zpLzjZ9+7Mju8ykRv8EPiMv0AET/cex"
    "1Iy3F5fppox/hiW7GMTtmhwyRoehZANiAARSdznRtYd4rY1Yn68jcZ0Xt33KvfrEOzdvyFN9GgjkluwQok1d"
    "3TiEkvBhNwL2f2K07sOg4cYhOBur1tWg7s80C2JdgrK/krNVPr+9+x4Ww5Q3Aa1m2ATzWWog+FRtfMk=";

inline constexpr std::string_view kP384Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEUnc50bWHeK2NWJ+vI3GdF7d9yr36xDs3\n"
    "b8hTfRoI5JbsEKJNXd04hJLwYTcC9n9itO7DoOHGITgbq9bVoO7PNAtiXYKyv5Kz\n"
    "VT6/vfseFsOUNwGtZtgE81lqIPhUbXzJ\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kP384Signature =
    "MGQCMHeZ0pnpHkgUBFFXx7+cjdWY5LkOrVY00Zr96AkCKLdLNVuzS6pyVxJlJkGCG5tmsAIwCSgceFn4jO9B"
    "2nIiATdQSdNbM7u2Cfd3D7vl6xHH/m+1FF5FJnyQzDnWpuZRVtRD";

inline constexpr std::string_view kP521Key =
    "MIHuAgEAMBAGByqGSM49AgEGBSuBBAAjBIHWMIHTAgEBBEIAxsku8hq1Mt8zJTd0WjhO7h2+1a4CDm0TNtka"
    "u6e9/Y0Acu8vjcfZwOJl14WlrvRLnrtjMzAKKsGuFEWJyklfR/GhgYkDgYYABAESGpQLvsTyP5PnrhDm0SUf"
    "uwGpValZDd+568RfYB8Dq/hDLjYaaw14CP1w5pgJ5vSsk+K3GW/8jtBNxAFAnG7qxgBv9CvJ0W+L5PMuZEny"
    "8SEowy4eJhL6NXLUZcLU0G8B6OKcENC/8Lxv2iccnNGcZDZj2xJxoaTfC4HQDZc61EjhOQ==";

inline constexpr std::string_view kP521Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBEhqUC77E8j+T564Q5tElH7sBqVWp\n"
    "WQ3fuevEX2AfA6v4Qy42GmsNeAj9cOaYCeb0rJPitxlv/I7QTcQBQJxu6sYAb/Qr\n"
    "ydFvi+TzLmRJ8vEhKMMuHiYS+jVy1GXC1NBvAejinBDQv/C8b9onHJzRnGQ2Y9sS\n"
    "caGk3wuB0A2XOtRI4Tk=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kP521Signature =
    "MIGIAkIAwgUSj0sLKyjoNIZrp+HAugdOKEuVasJC2SXOxGAHLZod/dKnRBAIsw9Ab0uowgKDVKMMxGnVoXR2"
    "W1IAOb46gu8CQgE44sp62HD59Ko1977ofAKNRH67HXNkUMs239mSltnEyzXWp80ALiZeikOkFeKKLcy+xZgn"
    "PGluFGO6QYCXNs61WQ==";

inline constexpr std::string_view kRsaKey =
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCqeiKTF5/7v+C6cA289OL/pfnXd/k1/0io"
    "Kg0rg6x2o25QZCyL5ajVvpbbb3d/xGGSsberbUt1PvG6w3ub6CNFNYC56HbaWj/AY4oXDMTcu4u7ovu/CmEl"
    "VsfypA6kELK+NOmQIEhO4+aRIFrVyFIHbSezi3ohCmv7WsSvfUqy3UDJPnJcaQnttK5f5pzuijGwaTCPVbU7"
    "/IPH6OvOO5LIkidJTESW9Wv+xU00c8cvjCv1sVTusWUWQtaI38A28t4NZfGbSSRNpKmVnB4WUiCl14QS9xjw"
    "ZHK5RaOTFVZleHZWTTHITfIOyZlkDn+by7MgR403iK6QXvAWPxfUWRcDAgMBAAECggEAPy4ZnzsLuzD/GAmM"
    "ReHaORXptM3NahIs+snu7JgVtDhYm2msysI4ItNKNJQojQ0aflPn9pwAcbj8vJNTPdI4NB+ikAPT/JOi+enK"
    "FUXRtd656DX8p+4wV7bETqw3kt1vaSfSAey876Pt4Q5FK+LcZ80wAA4qmpEyuMqIh2Nfak8SJm7kQRhycpYJ"
    "lU2MjlThSeJ0PJvU8liDwprE7OL98T0voFpUH+LvqUqOR0mBFY1C6cqmulIrYlBPyZVsfiGtrGA48ApSfSIr"
    "c3VQoHQPR1aiTGZ4d5pgYLp+A0Ogz0Fs7YMNBTUQCaF0VfmCZkQkuelESBYl17R4xmuNQELJQQKBgQDwMxPx"
    "5GFloqQEIAD3kiPxGT1UREk28gPskSr4KYHX9Bx1Y2VI3tLNCudw6P6h+JXgU/QnRQ6hfnv1c7zWspiHPiUw"
    "22+4LytHD+lU12gx3uaWR1Ygm6oqY+YGVTwOnR4d0lHerfyR+HBgnJph/N4VqkL5a271Fdl12+L1He6RQQKB"
    "gQC1sPE/KyuX2F0zAIjejqz9cri4e6MoAx3VIS6jtOpv0d7uwWMUwo2otyoomxQsez3bXrr/E4bTYGyWaHKD"
    "tKJ6CJjDfK49YqJr2/x9wBsBHiOinmYhz2t4W5U5JWZaEL/dY2h/TKfn6Jbe05YysUyEXAgbL0hGaPlsLeik"
    "YJFTQwKBgQC43/d39LnqSjZHXoKgCoFTboO/uhdIDRpsGIekHf5sQt0slOY+IhLJ8pyUUSC7deOVl8iR+Rr7"
    "vaiXEQ/FiAzR+0kQw7THZLbAqUSEIo914wRDooBt9KISonVHZo8lCFVHyrts0ylVCI0mLyK8TK56qmOGKeRr"
    "CvgnOKkE1JbsgQKBgAiLW60G0LQBXtCpM8aTmxsILBuw5Mla7Co7tz/HoEbF7d/4hDpTs+m9Q2RJdrdozE3m"
    "tJCOUIbcP/8KxmffNMzcXqLC2EbWvqCn5cXcJOj2i+J35IGuiXVNiUT4t0mBBCTbKezio/rJ+15bQPL9V4XZ"
    "9h+hJ5r4ENK/jfM8/1iVAoGATHjfHRijpoWDTYivNZsyrF+obmu2vK+/VRlQm1+CZkTAEQ9y8I2aLMRyabpq"
    "K1qTqvTYR4icRqeBWQBnzzrZnC1RB/B5HyzcnjeI67VhCgKReaVq/Cq2RbWJokwcvwXE3b45zmCw23orpBVV"
    "DHQnHo/cEKzmCcyoUH9+aKsd4eg=";

inline constexpr std::string_view kRsaPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqnoikxef+7/gunANvPTi\n"
    "/6X513f5Nf9IqCoNK4OsdqNuUGQsi+Wo1b6W2293f8RhkrG3q21LdT7xusN7m+gj\n"
    "RTWAueh22lo/wGOKFwzE3LuLu6L7vwphJVbH8qQOpBCyvjTpkCBITuPmkSBa1chS\n"
    "B20ns4t6IQpr+1rEr31Kst1AyT5yXGkJ7bSuX+ac7ooxsGkwj1W1O/yDx+jrzjuS\n"
    "yJInSUxElvVr/sVNNHPHL4wr9bFU7rFlFkLWiN/ANvLeDWXxm0kkTaSplZweFlIg\n"
    "pdeEEvcY8GRyuUWjkxVWZXh2Vk0xyE3yDsmZZA5/m8uzIEeNN4iukF7wFj8X1FkX\n"
    "AwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kRsaSignature =
    "bWALL3eV879ksfYJVlmUuNDzfJWe478b5ksYsvQLmjaTkRofDe+cRtoKkkfs7FjHxAbff7Yk8oum4MkseyZe"
    "KbCEecshJk8IfW4gOvQCWbIWqTeGNdVLH5RWGZGKPBhA35pQh1JDA8SkgXzsWPe1HribLGDW5aTUps7vkNm5"
    "/6LBA1nkSdrsJRd84thbn0bphAbI8SwDP+wEvgViVwBjS4k1nWPKxVDZcMlhnTXar7wkNHIwYsMaEGOCyI/D"
    "CZBYGp4PamhBqp2Tdp1B+fKhgu76uIDKxVC65rxrytfBIG6+fs4I4Z3TAmgT8MHYTw+A63NUZsIK3megN1FH"
    "zgIB/w==";

inline constexpr std::string_view kEd25519Key =
    "MC4CAQAwBQYDK2VwBCIEIHxhxGKfaLnfrxRXwa3dDhuX9RFL/g8vONZCl4ZQ8YEL";

inline constexpr std::string_view kEd25519Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAwQi98aUrmejXoblLJh7Z5yPWU6G/fBBkZcj9Ed1VUnQ=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kEd25519Signature =
    "h2XPZxwYDD6ACcWpuBVCuMYGokHptOfTmsMDXo+isGsHydU62VO6mTTS5chWZwlKwkJWSscan9XKXkwL3ruf"
    "Cg==";

// Over SHA-256 with the P-384 key, and RSASSA-PSS with the RSA key.
inline constexpr std::string_view kP384Sha256Signature =
    "MGQCMDTHrvoaVUcgiacX71m9Pq5zXr1TtAM37FQfksdYploJPLd238W2fx9OY1SKcSwdwQIwLyd6cDxxqXii"
    "/41Ty7lUg/kgGV+t4/JteP6aYkMt1BeG7g9+h/xgg8y1Z9ebi1A9";

inline constexpr std::string_view kRsaPssSignature =
    "RSHuw/17Kk2KFj5M/ROEt7dxFVacCSrnAKZVwX72Ys0NcOcMhnAjLEIbp3jhuwbvP7E4+xc0/PphsX61S+w+"
    "FQ6g6q0D/wHW8OkuFhT0ikNWj7UQw3hj+ynfYALtmdAyaBvINGE2MBw0HwF6FwaDOc6g9xaIVpZECI+H6rhp"
    "+nP42Pk/k5CKOFLdiMrBsb+42Q7Ja8gFEyMCVxFHPvNfOd+ZvBN5szsni6bEOknHLgMiRF0OD2R2H/NUUv/Y"
    "4pKANVrFTqOfDHZ9qIwJNzz7oQ1EmyzznDaaJXM/Uc4WCJx0zAPFOfvWhQy4e/9aZtLhYafc7yLHmiAISi48"
    "R7/ecQ==";

// The RSA and P-256 keys above in other encodings.
inline constexpr std::string_view kRsaPkcs1Public =
    "-----BEGIN RSA PUBLIC KEY-----\n"
    "MIIBCgKCAQEAqnoikxef+7/gunANvPTi/6X513f5Nf9IqCoNK4OsdqNuUGQsi+Wo\n"
    "1b6W2293f8RhkrG3q21LdT7xusN7m+gjRTWAueh22lo/wGOKFwzE3LuLu6L7vwph\n"
    "JVbH8qQOpBCyvjTpkCBITuPmkSBa1chSB20ns4t6IQpr+1rEr31Kst1AyT5yXGkJ\n"
    "7bSuX+ac7ooxsGkwj1W1O/yDx+jrzjuSyJInSUxElvVr/sVNNHPHL4wr9bFU7rFl\n"
    "FkLWiN/ANvLeDWXxm0kkTaSplZweFlIgpdeEEvcY8GRyuUWjkxVWZXh2Vk0xyE3y\n"
    "DsmZZA5/m8uzIEeNN4iukF7wFj8X1FkXAwIDAQAB\n"
    "-----END RSA PUBLIC KEY-----\n";

inline constexpr std::string_view kRsaPkcs1Key =
    "MIIEowIBAAKCAQEAqnoikxef+7/gunANvPTi/6X513f5Nf9IqCoNK4OsdqNuUGQsi+Wo1b6W2293f8RhkrG3"
    "q21LdT7xusN7m+gjRTWAueh22lo/wGOKFwzE3LuLu6L7vwphJVbH8qQOpBCyvjTpkCBITuPmkSBa1chSB20n"
    "s4t6IQpr+1rEr31Kst1AyT5yXGkJ7bSuX+ac7ooxsGkwj1W1O/yDx+jrzjuSyJInSUxElvVr/sVNNHPHL4wr"
    "9bFU7rFlFkLWiN/ANvLeDWXxm0kkTaSplZweFlIgpdeEEvcY8GRyuUWjkxVWZXh2Vk0xyE3yDsmZZA5/m8uz"
    "IEeNN4iukF7wFj8X1FkXAwIDAQABAoIBAD8uGZ87C7sw/xgJjEXh2jkV6bTNzWoSLPrJ7uyYFbQ4WJtprMrC"
    "OCLTSjSUKI0NGn5T5/acAHG4/LyTUz3SODQfopAD0/yTovnpyhVF0bXeueg1/KfuMFe2xE6sN5Ldb2kn0gHs"
    "vO+j7eEORSvi3GfNMAAOKpqRMrjKiIdjX2pPEiZu5EEYcnKWCZVNjI5U4UnidDyb1PJYg8KaxOzi/fE9L6Ba"
    "VB/i76lKjkdJgRWNQunKprpSK2JQT8mVbH4hraxgOPAKUn0iK3N1UKB0D0dWokxmeHeaYGC6fgNDoM9BbO2D"
    "DQU1EAmhdFX5gmZEJLnpREgWJde0eMZrjUBCyUECgYEA8DMT8eRhZaKkBCAA95Ij8Rk9VERJNvID7JEq+CmB"
    "1/QcdWNlSN7SzQrncOj+ofiV4FP0J0UOoX579XO81rKYhz4lMNtvuC8rRw/pVNdoMd7mlkdWIJuqKmPmBlU8"
    "Dp0eHdJR3q38kfhwYJyaYfzeFapC+Wtu9RXZddvi9R3ukUECgYEAtbDxPysrl9hdMwCI3o6s/XK4uHujKAMd"
    "1SEuo7Tqb9He7sFjFMKNqLcqKJsULHs92166/xOG02Bslmhyg7SiegiYw3yuPWKia9v8fcAbAR4jop5mIc9r"
    "eFuVOSVmWhC/3WNof0yn5+iW3tOWMrFMhFwIGy9IRmj5bC3opGCRU0MCgYEAuN/3d/S56ko2R16CoAqBU26D"
    "v7oXSA0abBiHpB3+bELdLJTmPiISyfKclFEgu3XjlZfIkfka+72olxEPxYgM0ftJEMO0x2S2wKlEhCKPdeME"
    "Q6KAbfSiEqJ1R2aPJQhVR8q7bNMpVQiNJi8ivEyueqpjhinkawr4JzipBNSW7IECgYAIi1utBtC0AV7QqTPG"
    "k5sbCCwbsOTJWuwqO7c/x6BGxe3f+IQ6U7PpvUNkSXa3aMxN5rSQjlCG3D//CsZn3zTM3F6iwthG1r6gp+XF"
    "3CTo9ovid+SBrol1TYlE+LdJgQQk2yns4qP6yfteW0Dy/VeF2fYfoSea+BDSv43zPP9YlQKBgEx43x0Yo6aF"
    "g02IrzWbMqxfqG5rtryvv1UZUJtfgmZEwBEPcvCNmizEcmm6aitak6r02EeInEangVkAZ8862ZwtUQfweR8s"
    "3J43iOu1YQoCkXmlavwqtkW1iaJMHL8FxN2+Oc5gsNt6K6QVVQx0Jx6P3BCs5gnMqFB/fmirHeHo";

inline constexpr std::string_view kP256Sec1Key =
    "MHcCAQEEIMqvkUuHgCCODVgzbsDB/RfraQBnbTWwAtwtti9QpAC0oAoGCCqGSM49AwEHoUQDQgAEd0gImE1q"
    "SQueK0PR9uwCQfqS0RyB/PmdSk+eVyN+gklGvq6pcDibngv/9Zv4BvMdyhYaVEdpKgt4DhL3nr5WBw==";

// Public keys that must be refused.
inline constexpr std::string_view kExplicitParametersPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA\n"
    "AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////\n"
    "///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd\n"
    "NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5\n"
    "RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA\n"
    "//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABHdICJhNakkLnitD0fbsAkH6\n"
    "ktEcgfz5nUpPnlcjfoJJRr6uqXA4m54L//Wb+AbzHcoWGlRHaSoLeA4S956+Vgc=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kCompressedPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADd0gImE1qSQueK0PR9uwCQfqS0RyB\n"
    "/PmdSk+eVyN+gkk=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kHybridPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAHd0gImE1qSQueK0PR9uwCQfqS0RyB\n"
    "/PmdSk+eVyN+gklGvq6pcDibngv/9Zv4BvMdyhYaVEdpKgt4DhL3nr5WBw==\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kSecp256k1Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEznwreneuNCTVf/F3xQdq4qwGt+hGUuPz\n"
    "SLbS7l4KZSL5dWQc6vykeoWUuHfXXL7hSepHRYQA99v5x50YcIdjvA==\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kP224Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "ME4wEAYHKoZIzj0CAQYFK4EEACEDOgAEToZUu4daRn+75LOa1vWpNY6kMPoklSaZ\n"
    "5m3AHGX/3GxNdStF+dL3DAh1HR2ugBGshOUOFz2ayFw=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kRsa2040Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBITANBgkqhkiG9w0BAQEFAAOCAQ4AMIIBCQKCAQAA2RcjOrYxlasMW4FQb+K/\n"
    "3a/uAaX6jFbe6grNAf6dO5TGY5xzuWdMwJKvMwKIRVKg6YObxx30ixLfrxYA/CAe\n"
    "ZVjgmovDu6jsR7TdVuGxBfwzxQ3UtfLhPZetQGvNEJVZAmFBDk0S5nn09HD2boZ0\n"
    "j9E/0YpV2fTz1NPStHjPcl7OnPy1aI8oHauinGJs6pXcFeXcmEqNopc+zGWuAAYD\n"
    "ipkSQA+hiZ16BCSrSMxRBOH3wWkzbEdkR0GQNG+uoxGhymB3+FyNUvigglm+FN9t\n"
    "DoN/7NQe2QJoAyXSE5elhWTJBm3pV9C1eO3uG8nZNSs58MaBnX/Ja5Ws1OW9vk3x\n"
    "AgMBAAE=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kRsaPssPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIDALBgkqhkiG9w0BAQoDggEPADCCAQoCggEBALAryL2JAYTtkMNFu7Cc+dkH\n"
    "QS/lp7qyZZqr0GB/tVmABtj2RSVprErcjV9pFcD+0dzsDLePNamah8QyX7kqkPfk\n"
    "X3ZPUrPB/5qy4qG0sbAbForDhfIogfx90Zz3L4VIvbeve8ApNVA0BRxntmkiToO2\n"
    "sQG0oLJ42K+47+JSZVzxE9K4YqFBqEhLyMKbzZeqcYiNhfrdmP1Z2X0r9DKY8heu\n"
    "zYs0p40gXSn/+IeW1/ybmOydVkAAiuOYHTJ4IEaKktRrDB8EatCLC5JjPqOe9aDd\n"
    "QPw2lgDRsZLsvpWBg3LvovGup3ITPbkA5VD9XHgx3fz/G5c5aF0MHwbTxpigdjsC\n"
    "AwEAAQ==\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kX25519Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VuAyEAQKLflh1FEWlrAUe+8/1uGZOMpeZjgbD4NTut1c3n0D0=\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kEd448Public =
    "-----BEGIN PUBLIC KEY-----\n"
    "MEMwBQYDK2VxAzoABNbMrYjuK+OfkCJUppaZQsXQrOZ4Z7A8uKzLKzvqC89OtSe9\n"
    "QSorhaLuBPH1WsBEA4xMISM1zLEA\n"
    "-----END PUBLIC KEY-----\n";

inline constexpr std::string_view kRsaExponent1 =
    "MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAqnoikxef+7/gunANvPTi/6X513f5Nf9IqCoNK4Os"
    "dqNuUGQsi+Wo1b6W2293f8RhkrG3q21LdT7xusN7m+gjRTWAueh22lo/wGOKFwzE3LuLu6L7vwphJVbH8qQO"
    "pBCyvjTpkCBITuPmkSBa1chSB20ns4t6IQpr+1rEr31Kst1AyT5yXGkJ7bSuX+ac7ooxsGkwj1W1O/yDx+jr"
    "zjuSyJInSUxElvVr/sVNNHPHL4wr9bFU7rFlFkLWiN/ANvLeDWXxm0kkTaSplZweFlIgpdeEEvcY8GRyuUWj"
    "kxVWZXh2Vk0xyE3yDsmZZA5/m8uzIEeNN4iukF7wFj8X1FkXAwIBAQ==";

inline constexpr std::string_view kRsaExponent65536 =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqnoikxef+7/gunANvPTi/6X513f5Nf9IqCoNK4Os"
    "dqNuUGQsi+Wo1b6W2293f8RhkrG3q21LdT7xusN7m+gjRTWAueh22lo/wGOKFwzE3LuLu6L7vwphJVbH8qQO"
    "pBCyvjTpkCBITuPmkSBa1chSB20ns4t6IQpr+1rEr31Kst1AyT5yXGkJ7bSuX+ac7ooxsGkwj1W1O/yDx+jr"
    "zjuSyJInSUxElvVr/sVNNHPHL4wr9bFU7rFlFkLWiN/ANvLeDWXxm0kkTaSplZweFlIgpdeEEvcY8GRyuUWj"
    "kxVWZXh2Vk0xyE3yDsmZZA5/m8uzIEeNN4iukF7wFj8X1FkXAwIDAQAA";

inline constexpr std::string_view kRsaExponent33Bits =
    "MIIBJDANBgkqhkiG9w0BAQEFAAOCAREAMIIBDAKCAQEAqnoikxef+7/gunANvPTi/6X513f5Nf9IqCoNK4Os"
    "dqNuUGQsi+Wo1b6W2293f8RhkrG3q21LdT7xusN7m+gjRTWAueh22lo/wGOKFwzE3LuLu6L7vwphJVbH8qQO"
    "pBCyvjTpkCBITuPmkSBa1chSB20ns4t6IQpr+1rEr31Kst1AyT5yXGkJ7bSuX+ac7ooxsGkwj1W1O/yDx+jr"
    "zjuSyJInSUxElvVr/sVNNHPHL4wr9bFU7rFlFkLWiN/ANvLeDWXxm0kkTaSplZweFlIgpdeEEvcY8GRyuUWj"
    "kxVWZXh2Vk0xyE3yDsmZZA5/m8uzIEeNN4iukF7wFj8X1FkXAwIFAQAAAAE=";

inline constexpr std::string_view kRsaWithoutNull =
    "MIIBIDALBgkqhkiG9w0BAQEDggEPADCCAQoCggEBAKp6IpMXn/u/4LpwDbz04v+l+dd3+TX/SKgqDSuDrHaj"
    "blBkLIvlqNW+lttvd3/EYZKxt6ttS3U+8brDe5voI0U1gLnodtpaP8BjihcMxNy7i7ui+78KYSVWx/KkDqQQ"
    "sr406ZAgSE7j5pEgWtXIUgdtJ7OLeiEKa/taxK99SrLdQMk+clxpCe20rl/mnO6KMbBpMI9VtTv8g8fo6847"
    "ksiSJ0lMRJb1a/7FTTRzxy+MK/WxVO6xZRZC1ojfwDby3g1l8ZtJJE2kqZWcHhZSIKXXhBL3GPBkcrlFo5MV"
    "VmV4dlZNMchN8g7JmWQOf5vLsyBHjTeIrpBe8BY/F9RZFwMCAwEAAQ==";

// Private keys that must be refused.
inline constexpr std::string_view kSecp256k1Key =
    "MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQgOU8fijaBIbJCPYDEdkVBK8v2mSowrxOU8kCvL0Bf"
    "7J+hRANCAATOfCt6d640JNV/8XfFB2rirAa36EZS4/NIttLuXgplIvl1ZBzq/KR6hZS4d9dcvuFJ6kdFhAD3"
    "2/nHnRhwh2O8";

inline constexpr std::string_view kRsa2040Key =
    "MIIEtwIBADANBgkqhkiG9w0BAQEFAASCBKEwggSdAgEAAoIBAADZFyM6tjGVqwxbgVBv4r/dr+4BpfqMVt7q"
    "Cs0B/p07lMZjnHO5Z0zAkq8zAohFUqDpg5vHHfSLEt+vFgD8IB5lWOCai8O7qOxHtN1W4bEF/DPFDdS18uE9"
    "l61Aa80QlVkCYUEOTRLmefT0cPZuhnSP0T/RilXZ9PPU09K0eM9yXs6c/LVojygdq6KcYmzqldwV5dyYSo2i"
    "lz7MZa4ABgOKmRJAD6GJnXoEJKtIzFEE4ffBaTNsR2RHQZA0b66jEaHKYHf4XI1S+KCCWb4U320Og3/s1B7Z"
    "AmgDJdITl6WFZMkGbelX0LV47e4bydk1KznwxoGdf8lrlazU5b2+TfECAwEAAQKB/1KX8PlXdAoDZ9Iwos/O"
    "rzzCwIS0B1z5eBoHPfQyUNPoSIqBba3uVU82/50iq4HkbAAr6EqbZPy8k4njj0BdX/MjG2DxJ+jv3eVyNHvn"
    "phgm2fNwzarj2zo5yNqnqP9UMucq5Ttxq20wnTea+scWNKa679LjFMK15UblyFaNWC+aGFM5/n3g3O/SKDMz"
    "Zk5f3duQWlPZDacRIGntQ6u0pKMkh6hbunkthHGjCgf2gUqb2T7u85IzPIj75lr+RaO9goRlmj4r5nsOc7UV"
    "D9uS7bUCHzS/rzf8EX4orWahYD17PmndbRfVlhfxP6Dl+O1vOqPGTgU8hg+mJVe9UStDWQKBgA68ZfwRdVgX"
    "g4aV0bC8KRQV3s76+t5HO49CSqkiuzHv/vuBibrLtggtaiGz8wFo+GjuMY6SWxOA0LtfKiza6vBUT9XWTeSG"
    "zKC7S8cBt28u37cyHRi6FryVf0N0V7wrQ8GEr2/7sYN5We9IVQDKYCC5pQdKsg0kpcRDCk29l38nAoGADrtn"
    "Nqs4cUqf8dZh+UccFOEEp7sR9gDKTlzH57tJ1eZ+2g0EaKRpcSRyBCkZiitzezHnU+YnKn8xMjvkvRTKw2rn"
    "uH+U2Eh9yqH36lh65Z+zTpyiIwz1PvghqtieHaZ/soukzDSFURiUySPLH0hqjIsl7wpyhCqiKyM3axU7+ScC"
    "gYAIsJLXhZgUPbGDESBZv2vd+1Or7Rc5MvptbaNHgEKxnRxZRjdpHy4WPmnCvDJGF5e9kRFKSQZKRwFQLTta"
    "vjIjTSTTLhA6/j73Xdu+3EVG3HZyuqur5Dj6NpKYvafrP/wxx0QJnnw80rf1QktWLwFm6vLljOfYlk7moL4X"
    "wADxqwKBgAkX+QAv9KlKDSz0zolXMahZtcvrl4yotDhm4SbT3yHgI9FpU51cT5H9kzuqOw+k/qW/CjIp0WdU"
    "GAQQIIPuv7Kc3OhwKGrRZISeMjA/6aywRbhyy0qjhwcVl4KkMAXRbuXBeTpr+Rcz+zOlmo523v5eLk49vq6C"
    "upOyK1U4SErlAoGADEcbDWAcRjIQAi03hJ2oEFEOt9mveDYVzhGerigv7f96SNzZ8C/DlZVdngVoqN66u1BZ"
    "AKuV00pIzLIZ/qLwYeMAbobrMAT7CiikrGoEeUYTKWxCcezaqWxO2kGLtmjj9NZt9Lx8jaI8Me/D1EMkqEyF"
    "V535e/ATM690TVFmBf0=";

inline constexpr std::string_view kX25519Key =
    "MC4CAQAwBQYDK2VuBCIEIDjwOo7LTlFIyB4OP1oTp7hEu2cxmvZOgQMOU5xvzfhE";

// Password "correct horse", N = 65536.
inline constexpr std::string_view kCosignSalt = "CaK8NuqXF1Izu9pJMi9YoUJQwh9CP8Jryrg4AbFl9EY=";

inline constexpr std::string_view kCosignNonce = "SAQx4ZewQHwEZ3WeXJIqm+u2ubqa7YZu";

inline constexpr std::string_view kCosignCiphertext =
    "7VLDV0G3PVU+NCrF22r12B3ghyRKC5UJ96Gw+TjMWMTcnotzRb5eW+eBzy6tjgCRjt2BecDdcRhmq4Ybztm7"
    "dPcHljBNnKreQm5qQym6hKIcd623/kCaMmwJlytHBg4HFRiqjAzr4yqJlsTqZBfXLcWEvgcs5kJOqbSxwnMU"
    "u7rffdLhqYHxldvH4ikSMsCqPrNf5BPBQbm3ag==";

inline constexpr std::string_view kCosignPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE4scPCPDIhSLsAkGhUQhVl9J1Z9Tm\n"
    "U4cFyzA/U+N/vHQ0KYRUK26gUatI3u4DR3X3YXnWbSVZlgnBy0Bg6zsxtg==\n"
    "-----END PUBLIC KEY-----\n";

// kP256Key.
inline constexpr std::string_view kBox32768Salt = "aRPfPO66RZnymZI4+BacjekyNm1KIUO/QTMN0lqg1vM=";

inline constexpr std::string_view kBox32768Nonce = "3GhCqq/g32/Z0zaAGgTaWga74W1Ew2VU";

inline constexpr std::string_view kBox32768Ciphertext =
    "/dtIUDazVTdC27HqGmNsxRhHv3RTMuwTxjhyaEeyFqzCc6eH0FDgPpqImS6J9rh1qIwLlOAmvPBNBUwJHQvU"
    "AYy/q6njRsbfrHpFVXSllLUs2HsrMyRjZByrPxzGLVBM2F3yEJTINm5JYCuuB+5JJ09XQBORMQNu1H4J2Plm"
    "TtiW90IwS8ToqPU/gBFYBsx3CRB6Y5Hwl0Ffaw==";

// kEd25519Key.
inline constexpr std::string_view kBox131072Salt = "6qWk8fT8rFjQmWIf002YDQtAZOxyEFBueFC83Hh5e1o=";

inline constexpr std::string_view kBox131072Nonce = "YHyIDMSZo5kF//DwrFD4lDRkh+xtYy4G";

inline constexpr std::string_view kBox131072Ciphertext =
    "66qTM8N7PDAl2dR6eaQ9i/qnqjiZpXsGLGOv151sdv5XsRNrOUIWLpwu0hXtVOmt88rwKnup3ApVIcjeGlWK"
    "pQ==";

// kP256Sec1Key with the salt and nonce of kBox32768.
inline constexpr std::string_view kBoxSec1Ciphertext =
    "vPkHVCgInR6A+wBdCI307xixOndTNvzKb64TaY9cpaObRsFtl+U56PCJ+UfRdtGrhDsg5I6JmRvAg2Stlhsp"
    "Uk9/UR9MLIS4xTi9XzDFSNN34lDcQ5aMJF1V2oXSNOHfDBwjpYA6vgACZ2+Sf4LwQCjB9amUnibjS/1ZfAOI"
    "V8oGEUfdScGu+AE=";

// openssl dgst -sha256 -sigopt rsa_padding_mode:pss with kRsaKey, over kSignedText; the number is
// the length of the salt.
inline constexpr std::string_view kPss32 =
    "iG1oReHOsrgoKvsBWLpJsOwrVKpQKSxb8MsTSBsVNNRfveUm9shULeqrs7zdAqzP4X5LKv2QD2CtrnZ5S0Bu"
    "KLmd9CF4sNZtybGGOz9GxB87E1u4RGbK0dDG2/fYoIh7AGkOpWhpeYhRWgIjKnphg3D3T5t4zEZ+7adGfv+U"
    "sKYqbsf6vigxYmfZFxovH6xbzpDuXD2J7TnZavnf4dsN0j1Hg0HwFYGqpKwHOMAhSGl1baTZSZ43mGvzLuFL"
    "EvXCcMWWj1Q7DCUPH0Zhb5ufejQwyLEu4ESKwt90zS7iSP1yAGeZ89wSjbuobHHY1Ka9fHv3gse3inociD6F"
    "OXiR0A==";

inline constexpr std::string_view kPss222 =
    "PfbBYWzRK6hdw7FOwRXnA7i2doVpIvgeB62DKWXyHqq/PcyE3N0SbKn2pAIbK19ylYjgsvbdd6ICLOc8TNB3"
    "RUMLbwp1NATUMfQ+x7XC79nTAAWy0QMBIhJI8+p0R1ZJlZW+P+L+mt88yvCX5zdR/tZcu4Ac3NncL53bCbrb"
    "FDy/1nvVUk9oL+i0F7G5oaYml2CJcq5KWNaK8em7Mim0EXasNmSp6H1C3SINc0JKeIRsRitOrsJAhvfSFYy9"
    "42Xdq1K/Qtu221IiE+NBkBBkoy68bK8YOnkkbmrnEWHXwDz/Ar+t4IKATPzFHsJp8buXYXRr+F8jOGgQl6CI"
    "r/jPlw==";

// RFC 8032 section 7.3: Ed25519ph of "abc".
inline constexpr std::string_view kEd25519phKeyHex =
    "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf";
inline constexpr std::string_view kEd25519phSignatureHex =
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
    "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406";

}  // namespace ociship::crypto::vectors

#endif  // OCISHIP_TESTS_CRYPTO_VECTORS_H_
