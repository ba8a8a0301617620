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
    "seriesnummer",
    "model": "malli модель 型番 機種 型号 型號 机型 모델 모델명 típus",
    "description": "kuvaus popis leírás описание наименование 品名 商品名 品명 açıklama beskrivelse "
    "beskrivning opis",
    "person": "käyttäjä nimi uživatel jméno felhasználó név сотрудник пользователь фио имя 使用者 "
    "利用者 氏名 名前 担当者 用户 用戶 使用人 姓名 员工 사용자 이름 성명 kullanıcı  "
    "adsoyad imięinazwisko odbiorca",
    "first_name": "prénomusuel rufname roepnaam etunimi křestníjméno keresztnév förnamn fornavn imię isim 名",
    "last_name": "sukunimi příjmení vezetéknév efternamn etternavn nazwisko фамилия soyad 姓",
    "email": "e-maildienstlich maildienstlich geschäftlichee-mail firmenmail zakelijke-mailadres "
    "zakelijkee-mail zakelijkemail werke-mail werkmail courrielprofessionnel mailprofessionnel "
    "e-mailpro e-mailsłużbowy adrese-mail emails userprincipal sähköposti почта электроннаяпочта "
    "メール メールアドレス 邮箱 电子邮件 電子郵件 이메일 eposta",
    "employee_number": "personalnr persnr personalno mitarbeiternr mitarbeiternummer mitarbeiterid "
    "mitarbeiterno personeelsnr personeelsno medewerkernr medewerkernummer medewerkerid nomatricule "
    "nmatricule numéromatricule nrpracownika nrewid nrewidencyjny numerewidencyjny staffno staffnr "
    "emplno empnr employeeref badgeno badgenumber clocknumber payrollno payrollnumber stammnr "
    "identyfikatorpracownika werknemersnummer werknemersnr henkilönumero osobníčíslo табельныйномер "
    "社員番号 工号 員工編號 사번 sicilno numerpracownika anställningsnummer medarbejdernummer "
    "ansattnummer törzsszám",
    "place": "sijainti toimipiste pobočka umístění telephely helyszín офис местоположение 設置場所 "
    "場所 拠点 地点 位置 위치 지점 konum şube lokalizacja oddział lokation lokasjon plats",
    "order": "tilausnumero objednávka čísloobjednávky rendelésszám заказ номерзаказа 注文番号 订单号 "
    "訂單編號 주문번호 siparişno numerzamówienia zamówienie ordrenummer",
    "status": "tila stav státusz állapot статус состояние 状態 状态 狀態 상태 durum",
    "phone": "puhelin puhelinnumero telefonníčíslo telefonszám телефон номертелефона 電話番号 携帯番号 "
    "电话 手机号 手機號碼 전화번호 telefonnumarası numertelefonu telefonnummer mobilnummer",
    "department": "organisationseinheit orgeinheit oe komórkaorganizacyjna homedepartment "
    "homedepartmentdescription service osasto oddělení osztály отдел подразделение 部署 部门 部門 부서 "
    "departman dział avdelning afdeling avdeling departamento reparto",
    "title": "fonction stelle stellenbezeichnung jobbezeichnung tehtävänimike pozice beosztás "
    "должность 役職 职位 職位 직위 ünvan stanowisko titel cargo",
    "cost_center": "kst kostenstellennr mpk costcenterid costcentreid kostenplaatsnr",
    "manager": "vorgesetzte vorgesetzter vorgesetzterpersonalnr führungskraft responsable "
    "responsablehiérarchique przełożony reportingto reportsto linemanageremail n+1",
    "left_on": "datazwolnienia datedesortiedesdeffectifs leavingdate austrittsdatum datumuitdiensttreding",
    "active": "statuszatrudnienia indienst employmentstate",
    "city": "kaupunki město város город 市 城市 도시 şehir miasto",
    "postcode": "postinumero psč irányítószám индекс 郵便番号 邮编 우편번호 postakodu kodpocztowy postnummer",
    "carrier": "operaattori operátor оператор キャリア 通信事業者 运营商 통신사 operatör operatør "
    "operador operatore",
    "contract_ends": "sopimuspäättyy konecsmlouvy окончаниедоговора 契約終了日 合同到期日 계약종료일 "
    "sözleşmebitiş koniecumowy avtalslut aftaleudløb",
    "balance": "saldo zůstatek egyenleg остаток 残高 余额 잔액 bakiye restskuld",
    "price": "hinta cena цена 価格 単価 价格 單價 가격 fiyat pris preço prezzo precio",
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
