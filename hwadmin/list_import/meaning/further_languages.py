"""Headings in further languages, for every kind of list: as they are written, without blanks.

By what a column means, in the word of the devices' list or of the records' lists.
"""

from __future__ import annotations

HEADINGS = {
    "mac": "MAC-osoite MAC-adresa MAC-cím MACアドレス MAC地址 MAC位址 MAC-адрес MAC주소 MAC-adresi",
    "imei": "IMEI码 IMEI番号 IMEI-номер IMEI번호",
    "serial": "serialnummer serialnummern seriennummern serienummers seriennum newserial sarjanumero "
    "sériovéčíslo výrobníčíslo sériovéčislo sorozatszám gyáriszám シリアル番号 シリアルナンバー "
    "製造番号 序列号 序號 序列號 серийныйномер заводскойномер 일련번호 시리얼번호 serinumarası serino "
    "seriesnummer "
    "מספרסידורי מס'סידורי סידורי الرقمالتسلسلي الرقمالمتسلسل رقمتسلسلي σειριακόςαριθμός αρ.σειράς "
    "numărdeserie nr.deserie серійнийномер сериеннномер serijskibroj serijskaštevilka sériovéčíslo "
    "serijosnumeris sērijasnumurs seerianumber sốsê-ri sốserial nomorseri หมายเลขซีเรียล "
    "หมายเลขเครื่อง شمارهسریال",
    "model": "malli модель 型番 機種 型号 型號 机型 모델 모델명 típus "
    "דגם الطراز الموديل μοντέλο รุ่น مدل mudel modelis kiểu kiểumáy",
    "description": "kuvaus popis leírás описание наименование 品名 商品名 品명 açıklama beskrivelse "
    "beskrivning opis "
    "תיאור الوصف περιγραφή descriere опис opisas apraksts kirjeldus môtả deskripsi keterangan "
    "รายละเอียด شرح",
    "person": "käyttäjä nimi uživatel jméno felhasználó név сотрудник пользователь фио имя 使用者 "
    "利用者 氏名 名前 担当者 用户 用戶 使用人 姓名 员工 사용자 이름 성명 kullanıcı  "
    "adsoyad imięinazwisko odbiorca "
    "משתמש שם שםמלא עובד שםהעובד المستخدم الاسم الاسمالكامل اسمالموظف الموظف χρήστης όνομα "
    "ονοματεπώνυμο utilizator nume numecomplet користувач піб прізвищетаім'я потребител име korisnik "
    "ime uporabnik používateľ meno naudotojas vardas lietotājs vārds kasutaja nimi ngườidùng họtên "
    "họvàtên pengguna nama ผู้ใช้ ชื่อ ชื่อ-นามสกุล کاربر نام",
    "first_name": "prénomusuel rufname roepnaam etunimi křestníjméno keresztnév förnamn fornavn imię isim 名 "
    "שםפרטי الاسمالأول prenume ім'я",
    "last_name": "sukunimi příjmení vezetéknév efternamn etternavn nazwisko фамилия soyad 姓 "
    "שםמשפחה اسمالعائلة اللقب επώνυμο numedefamilie прізвище prezime priimek priezvisko",
    "email": "e-maildienstlich maildienstlich geschäftlichee-mail firmenmail zakelijke-mailadres "
    "zakelijkee-mail zakelijkemail werke-mail werkmail courrielprofessionnel mailprofessionnel "
    "e-mailpro e-mailsłużbowy adrese-mail emails userprincipal sähköposti почта электроннаяпочта "
    "メール メールアドレス 邮箱 电子邮件 電子郵件 이메일 eposta "
    'דוא"ל דואל דואראלקטרוני מייל البريدالإلكتروني البريدالالكتروني ηλεκτρονικόταχυδρομείο '
    "електроннапошта e-pošta elpaštas e-pasts อีเมล ایمیل",
    "employee_number": "personalnr persnr personalno mitarbeiternr mitarbeiternummer mitarbeiterid "
    "mitarbeiterno personeelsnr personeelsno medewerkernr medewerkernummer medewerkerid nomatricule "
    "nmatricule numéromatricule nrpracownika nrewid nrewidencyjny numerewidencyjny staffno staffnr "
    "emplno empnr employeeref badgeno badgenumber clocknumber payrollno payrollnumber stammnr "
    "identyfikatorpracownika werknemersnummer werknemersnr henkilönumero osobníčíslo табельныйномер "
    "社員番号 工号 員工編號 사번 sicilno numerpracownika anställningsnummer medarbejdernummer "
    "ansattnummer törzsszám "
    "מספרעובד מס'עובד الرقمالوظيفي رقمالموظف αριθμόςυπαλλήλου numărangajat табельнийномер "
    "číslozamestnanca mãnhânviên nomorkaryawan รหัสพนักงาน",
    "place": "sijainti toimipiste pobočka umístění telephely helyszín офис местоположение 設置場所 "
    "場所 拠点 地点 位置 위치 지점 konum şube lokalizacja oddział lokation lokasjon plats "
    "מיקום אתר סניף כתובת الموقع الفرع العنوان τοποθεσία locație sediu місце адреса lokacija miesto "
    "địađiểm lokasi สถานที่ مکان",
    "order": "tilausnumero objednávka čísloobjednávky rendelésszám заказ номерзаказа 注文番号 订单号 "
    "訂單編號 주문번호 siparişno numerzamówienia zamówienie ordrenummer "
    "הזמנה מספרהזמנה مספרהזמנה رقمالطلب الطلب αριθμόςπαραγγελίας comandă numărcomandă "
    "номерзамовлення narudžba naročilo sốđơnhàng คำสั่งซื้อ",
    "status": "tila stav státusz állapot статус состояние 状態 状态 狀態 상태 durum "
    "סטטוס מצב الحالة κατάσταση stare statut стан статус stanje būsena statuss olek trạngthái สถานะ "
    "وضعیت",
    "phone": "puhelin puhelinnumero telefonníčíslo telefonszám телефон номертелефона 電話番号 携帯番号 "
    "电话 手机号 手機號碼 전화번호 telefonnumarası numertelefonu telefonnummer mobilnummer "
    "טלפון מספרטלפון נייד الهاتف رقمالهاتف الجوال τηλέφωνο κινητό telefon номертелефону телефон "
    "điệnthoại sốđiệnthoại telepon โทรศัพท์ تلفن",
    "department": "organisationseinheit orgeinheit oe komórkaorganizacyjna homedepartment "
    "homedepartmentdescription service osasto oddělení osztály отдел подразделение 部署 部门 部門 부서 "
    "departman dział avdelning afdeling avdeling departamento reparto "
    "מחלקה القسم الإدارة τμήμα departament відділ odjel oddelek oddelenie phòngban departemen แผนก",
    "title": "fonction stelle stellenbezeichnung jobbezeichnung tehtävänimike pozice beosztás "
    "должность 役職 职位 職位 직위 ünvan stanowisko titel cargo "
    "תפקיד المسمىالوظيفي الوظيفة θέση funcție посада chứcvụ jabatan ตำแหน่ง",
    "cost_center": "kst kostenstellennr mpk costcenterid costcentreid kostenplaatsnr",
    "manager": "vorgesetzte vorgesetzter vorgesetzterpersonalnr führungskraft responsable "
    "responsablehiérarchique przełożony reportingto reportsto linemanageremail n+1",
    "left_on": "datazwolnienia datedesortiedesdeffectifs leavingdate austrittsdatum datumuitdiensttreding",
    "active": "statuszatrudnienia indienst employmentstate",
    "city": "kaupunki město város город 市 城市 도시 şehir miasto",
    "postcode": "postinumero psč irányítószám индекс 郵便番号 邮编 우편번호 postakodu kodpocztowy postnummer",
    "carrier": "operaattori operátor оператор キャリア 通信事業者 运营商 통신사 operatör operatør "
    "operador operatore "
    "ספק מפעיל المشغل مزودالخدمة πάροχος furnizor оператор",
    "contract_ends": "sopimuspäättyy konecsmlouvy окончаниедоговора 契約終了日 合同到期日 계약종료일 "
    "sözleşmebitiş koniecumowy avtalslut aftaleudløb "
    "סיוםחוזה תאריךסיום نهايةالعقد تاريخالانتهاء λήξησυμβολαίου sfârșitcontract закінченнядоговору",
    "balance": "saldo zůstatek egyenleg остаток 残高 余额 잔액 bakiye restskuld יתרה الرصيد υπόλοιπο залишок",
    "price": "hinta cena цена 価格 単価 价格 單價 가격 fiyat pris preço prezzo precio "
    "מחיר السعر τιμή preț ціна giá harga ราคา قیمت",
}
# What the lists of records call the same.
RECORD_KEYS = {
    "person": ("name", "person"),
    "imei": ("device_identifier",),
    "serial": ("device_serial",),
    "model": ("model", "device_model"),
    "place": ("location",),
    "phone": ("phone", "phone_number"),
    "carrier": ("mobile_carrier",),
    "contract_ends": ("contract_ends_on",),
    "balance": ("contract_balance",),
    "price": ("unit_price",),
    "status": ("active", "status"),
}
